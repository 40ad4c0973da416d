/** The eight basic emotions of Plutchik's wheel. @see https://en.wikipedia.org/wiki/Robert_Plutchik */
export const emotions = ['joy', 'trust', 'fear', 'surprise', 'sadness', 'disgust', 'anger', 'anticipation'] as const;

export type Emotion = (typeof emotions)[number];

/**
 * English words by the emotion that they carry. Written for this project, so under its licence (Apache-2.0): the known
 * lexicons (NRC EmoLex, WordNet-Affect, DepecheMood) are not free for every use. It is small on purpose: the plain words for each
 * emotion in their usual forms. A word may have two emotions.
 */
export const emotionLexicon: Readonly<Record<Emotion, string>> = {
  joy: `amused amusing bliss blissful celebrate celebrated celebrating celebration cheer cheerful cheerfully cheers cheery content
    contented contentment delight delighted delightful delightfully delights ecstatic elated elation enjoy enjoyable enjoyed enjoying
    enjoyment enjoys euphoria euphoric fun gladly glad glee gleeful happier happiest happily happiness happy joy joyful joyfully joyous
    jubilant laugh laughed laughing laughs laughter love loved lovely loves loving merry overjoyed pleased pleasing pleasure proud
    proudly rejoice rejoiced relief relieved satisfaction satisfied satisfying smile smiled smiles smiling thrilled thrilling wonderful
    wonderfully`,
  trust: `accept accepted assurance assure assured care cared caring certain certainly confidence confident confidently dependable
    dependably devoted devotion faith faithful faithfully fair fairly fairness friend friendly friends friendship generous grateful
    gratefully gratitude guarantee guaranteed helpful helpfully honest honestly honesty integrity kind kindly kindness loyal loyally
    loyalty patient patiently promise promised promises reassure reassured reassuring reliable reliably reliability respect respected
    respectful safe safely safety secure secured sincere sincerely sincerity support supported supportive thank thankful thanks trust
    trusted trusting trusts trustworthy truth truthful warmth`,
  fear: `afraid alarm alarmed alarming anxiety anxious anxiously apprehension apprehensive danger dangerous dangerously
    dread dreaded dreadful dreading fear feared fearful fearfully fearing fears fright frighten frightened frightening frightens
    horrified horrifying horror insecure intimidated intimidating nervous nervously nervousness nightmare nightmares panic panicked
    panicking phobia risk risks risky scare scared scares scary tense tension terrified terrifying terror threat threaten threatened
    threatening threats timid tremble trembled trembling uneasy unsafe worried worries worry worrying`,
  surprise: `abrupt abruptly amaze amazed amazement amazing amazingly astonish astonished astonishing astonishment astounded astounding
    awe awestruck baffled baffling bewildered bewilderment dumbfounded flabbergasted gasp gasped incredible incredibly marvel marvelled
    mysterious mystery puzzled puzzling shock shocked shocking shockingly speechless startle startled startling stunned stunning sudden
    suddenly surprise surprised surprises surprising surprisingly unbelievable unbelievably unexpected unexpectedly unforeseen unheard-of
    wonder wondered wow`,
  sadness: `abandoned alone bereaved bitter cried cry crying defeat defeated depressed depressing depression despair despairing despondent
    disappoint disappointed disappointing disappointment disappoints dismal distress distressed distressing empty gloom gloomy grief
    grieve grieved grieving heartache heartbreak heartbreaking heartbroken helpless hopeless hopelessly hopelessness hurt hurting lonely
    loneliness lose losing loss losses lost melancholy miserable miserably misery mourn mourned mourning neglected pity regret regrets
    regretted regrettable sad sadden saddened saddening sadder sadly sadness sorrow sorrowful sorry suffer suffered suffering tears
    tragedy tragic unhappily unhappiness unhappy upset weep weeping wept`,
  disgust: `abhorrent appalled appalling contaminated contempt contemptuous dirty disdain disgraceful disgust disgusted disgusting
    disgustingly dislike disliked distaste distasteful filth filthy foul garbage ghastly gross hideous loathe loathed loathing loathsome
    mouldy moldy nasty nauseated nauseating nauseous obnoxious offensive putrid repelled repellent repugnant repulsed repulsion repulsive
    revolted revolting revulsion rotten rotting rude rubbish shameful sick sickening sickened sleazy slimy stench stink stinking stinks
    tasteless ugly unclean vile vulgar yuck`,
  anger: `aggravated aggression aggressive angered angers anger angrily angry annoy annoyance annoyed annoying annoys argue argued
    argument complain complained complaining complaint complaints cruel cruelty enraged exasperated exasperating exasperation frustrate
    frustrated frustrates frustrating frustration furious furiously fury hate hated hateful hates hating hatred hostile hostility
    indignant indignation infuriate infuriated infuriating insult insulted insulting insults irate irritable irritate irritated
    irritating irritation livid mad outrage outraged outrageous provoke provoked rage raged raging resent resented resentful resentment
    revenge rude shouted shouting unacceptable unfair unjust vengeance violent violently wrath`,
  anticipation: `anticipate anticipated anticipates anticipating anticipation await awaited awaiting awaits curious curiosity
    eager eagerly eagerness excited excitedly excitement exciting expect expectation expectations expected expecting expects forecast
    foresee hope hoped hopeful hopefully hopes hoping impatient impatiently interested keen keenly long-awaited optimism
    optimistic plan planned planning plans predict predicted prepare prepared preparing promising prospect ready soon tomorrow upcoming
    vigilant wait waited waiting watchful wish wished wishes wishing`,
};
