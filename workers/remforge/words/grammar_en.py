"""English grammar words, irregular verbs and markers of time; written for Dasein."""

ARTICLES = "the a an"
FIRST = "i me my mine myself we us our ours ourselves i'm i've i'd i'll we're we've we'd we'll"
SECOND = "you your yours yourself yourselves you're you've you'd you'll"
OBJECTS = "me you him her it us them this that these those my your his its our their the a an some every each any all no someone something what at to into about for toward towards upon against with"
"""What stands right behind a verb that is about something."""
NEGATORS = "not no never none nobody nothing nowhere neither nor cannot can't don't doesn't didn't isn't aren't wasn't weren't won't wouldn't couldn't shouldn't haven't hasn't hadn't without hardly"
INTENSIFIERS = "very really extremely incredibly terribly awfully so too totally completely absolutely utterly deeply highly hugely intensely enormously fiercely violently suddenly desperately wildly most always never ever"
DOWNTONERS = "slightly somewhat rather fairly barely hardly scarcely almost kinda partly quietly gently softly slowly maybe perhaps little"
GENERIC = "always usually generally typically normally often everyone everybody anyone anybody people every all any humans mankind"
DEICTIC = "this that these those here there it he she they his her their him them now it's he's she's they're that's there's here's"
PAST_AUXILIARIES = "was were had did wasn't weren't hadn't didn't"
FUTURE_AUXILIARIES = "will shall won't gonna"
PRESENT_AUXILIARIES = "am is are isn't aren't do does can cannot can't don't doesn't i'm you're we're they're he's she's it's that's there's here's what's who's"
PERFECT_AUXILIARIES = "have has haven't hasn't i've you've we've they've"
MODALS = "could may might must should would ought couldn't mightn't mustn't shouldn't wouldn't i'd you'd he'd she'd we'd they'd"
BE_FORMS = "am is are was were be been being isn't aren't wasn't weren't i'm you're we're they're he's she's it's that's there's"
SUBJECTS = "i you we they"
THIRD = "he she it that this who which what everyone everybody nobody someone"
BEFORE_NOUNS = (
    "the a an my your his her its our their this these those some any no every each of in on at with by for from"
)
"""After them a word is no verb."""
STOP = """
the a an and or but nor so yet if then than that this these those there here of in on at to from by with without for about into onto over under
above below between among through during before after since until while as like is are was were be been being am do does did done have has had having
will would shall should can could may might must not no yes i me my mine myself we us our ours ourselves you your yours yourself he him his himself
she her hers herself it its itself they them their theirs themselves who whom whose which what when where why how all any both each few more most
other some such only own same too very just also again ever never always now one two still even much many well off out up down because although
though whether either neither somebody anybody nobody everybody someone anyone everyone something anything nothing everything another i'm i've i'd i'll you're we're they're he's she's it's that's don't doesn't didn't isn't aren't wasn't weren't won't
can't couldn't wouldn't shouldn't haven't hasn't hadn't there's let's upon toward towards across against around along away back got get gets go goes
"""
MARKERS = """
past | yesterday | ago | last night | last week | last month | last year | last summer | last winter | last spring | last autumn | last time | # years ago | # days ago | # weeks ago | # months ago | # hours ago | # minutes ago | long ago | a long time ago | once upon a time | in the past | back then | in those days | formerly | previously | earlier | used to | as a child | when i was | years before | the day before | the other day | recently | at that time | looking back | the night before
present | now | right now | today | tonight | at the moment | currently | nowadays | these days | this morning | this afternoon | this evening | this week | this month | this year | at present | presently | just now | as i write
future | tomorrow | tomorrow morning | next week | next month | next year | next summer | next winter | next time | soon | in the future | someday | some day | one day i will | in a few days | in a few weeks | a few days ago | a few weeks ago | a few years ago | in # days | in # weeks | in # months | in # years | later today | from now on | the day after tomorrow | eventually
"""
NUMBERS = "one two three four five six seven eight nine ten eleven twelve twenty thirty forty fifty hundred many several few some couple"
IRREGULAR = """
see saw seen | hear heard | feel felt | think thought | know knew known | say said | tell told | speak spoke spoken | go went gone | come came | run ran | eat ate eaten | drink drank drunk | swim swam swum | sing sang sung | ring rang rung | shake shook shaken | shine shone | smell smelt | take took taken | give gave given | get got gotten | make made | find found | leave left | lose lost | keep kept | hold held | stand stood | sit sat | lie lay lain | fall fell fallen | fly flew flown | throw threw thrown | grow grew grown | write wrote written | read | break broke broken | wake woke woken | begin began begun | bring brought | buy bought | catch caught | teach taught | fight fought | seek sought | build built | send sent | spend spent | lend lent | bend bent | sleep slept | sweep swept | weep wept | creep crept | meet met | lead led | bleed bled | feed fed | drive drove driven | ride rode ridden | rise rose risen | choose chose chosen | freeze froze frozen | steal stole stolen | swear swore sworn | tear tore torn | wear wore worn | bear bore borne | bite bit bitten | hide hid hidden | dig dug | hang hung | strike struck | stick stuck | sting stung | swing swung | spin spun | win won | shoot shot | sell sold | pay paid | mean meant | dream dreamt | burn burnt | learn learnt | spill spilt | become became | understand understood | forget forgot forgotten | draw drew drawn | blow blew blown | hit | cut | put | let | shut | set | stink stank stunk | sink sank sunk | shrink shrank shrunk | light lit | slide slid | feel felt | show shown | stretch | forgive forgave forgiven
"""
VERBS = """
add agree allow appear apply arrive ask bark be beat become begin believe belong boil break breathe bring build burn buy call care carry catch change
check choose clean climb close come compute connect consist contain continue cook cost count cover create cry cut dance decide depend destroy die dig draw
dream drink drive drop eat end enjoy enter exist expect explain fall fear feel fight fill find finish fit fix float flow fly follow forget form freeze
get give glow go grow halt happen hate have hear heat help hide hit hold hope hurt imagine include increase jump keep kill kiss know last laugh lead
learn leave let lie lift like listen live look lose love make matter mean measure meet melt miss move need notice open orbit order own paint pass pay
play point prefer press produce pull push put rain reach read realise realize receive remain remember remind repeat require rest return ride ring rise
roll run say see seem sell send serve shake shine show shut sing sink sit sleep smell smile sound speak spend spin stand start stay stick stink stop
stretch study suffer swim take talk taste teach tell test think throw touch travel try turn understand use visit wait wake walk want wash watch wear
win wish wonder work worry write
"""
JOINERS = "because although though while whereas when whenever unless but"
"""A clause may begin with them."""
JOINERS_AFTER_A_COMMA = "and or so yet nor then which who where if as after before since until"
JOINERS_BEFORE_A_SUBJECT = "and or so after before since until if that"
SUBJECT_PRONOUNS = "i you he she it we they there"
NO_VERBS = "hundred kindred sacred naked wicked indeed speed breed creed infrared nothing something anything everything morning evening during ceiling building king string wing sibling darling"
"""They end like forms of verbs."""
