"""English words of the senses, of ways of being about something, and of space; written for Dasein, as dictionary forms."""

SENSES = """
visual | see look watch gaze stare glance glimpse peer observe notice sight view eye vision visible invisible appear scene picture image photo photograph painting portrait mirror reflection
visual | light bright brightness dark darkness dim dull shade shadow shine shiny glow gleam glitter glisten glimmer sparkle flash flicker dazzle dazzling blinding sunlight moonlight sunset sunrise dawn dusk twilight lamp candle lantern firelight beam ray haze hazy misty foggy blur blurry
visual | colour color colourful colorful red orange yellow green blue purple violet pink brown black white grey gray golden silver crimson scarlet turquoise amber pale vivid faded transparent opaque
visual | shape round square curved straight silhouette outline pattern striped spotted horizon sky cloud star moon rainbow
auditory | hear listen sound noise noisy loud quiet silent silence hush echo deaf ear audible tone pitch volume
auditory | whisper murmur shout yell scream cry call sing song music musical melody rhythm chorus hum whistle laugh laughter giggle sob groan moan sigh snore cough
auditory | bang crash thud thump knock click clatter rattle rustle crackle creak squeak hiss buzz ring chime toll beep rumble thunder roar howl bark meow chirp croak growl patter splash tap drum guitar piano violin bell siren alarm horn bass voice speech applause clap
haptic | touch feel stroke caress rub scratch tickle pinch poke squeeze grip grasp clutch hug embrace press pat texture skin finger fingertip palm hand lip
haptic | soft hard rough smooth sharp blunt sticky slippery slimy silky furry fluffy fuzzy coarse bumpy prickly wet damp moist dry wool velvet sand
haptic | cold cool chilly icy freezing warm hot burning lukewarm heat warmth frost sting itch ache pain painful sore numb throb shiver tingle
olfactory | smell sniff scent odour odor aroma aromatic fragrance fragrant perfume stink stench stinky reek whiff musty pungent smelly inhale nostril nose incense smoke smoky mouldy moldy rotten petrol gasoline
gustatory | taste flavour flavor flavourful tasty delicious sweet sour bitter salty savoury savory spicy bland tangy juicy ripe tongue eat drink chew swallow sip lick bite devour
gustatory | sugar salt honey lemon chocolate coffee tea wine beer bread cheese soup mango apple cake mint garlic pepper
proprioceptive | balance dizzy dizziness spin lean stretch bend crouch kneel stumble fall stagger sway swing swim climb run jump leap dance walk stride crawl roll twist tremble posture muscle limb knee leg heavy heaviness weightless tense tension tired exhausted fatigue breath breathe breathless heartbeat pulse stomach hungry thirsty nausea vertigo movement
affective | feel feeling emotion emotional mood love adore hate loathe fear afraid scared terrified fright anxious anxiety worry worried nervous angry anger furious rage annoyed happy happiness joy joyful glad delight delighted cheerful sad sadness sorrow grief mourn lonely loneliness despair hopeless hope hopeful proud pride shame ashamed guilt guilty jealous jealousy envy disgust disgusted surprise surprised astonished calm serene peaceful tender tenderness gratitude grateful miss longing nostalgia nostalgic melancholy excited excitement enthusiasm bored boredom upset hurt heartbroken relieved relief desperate affection passion wonderful horrible terrible awful tears weep smile frown
cognitive | think thought know knowledge understand understanding believe belief idea concept reason reasoning logic logical wonder consider reflect ponder conclude conclusion decide decision doubt assume assumption suppose guess realize realise recognise recognize remember memory forget learn study analyse analyze analysis theory hypothesis proof question answer explain explanation meaning mean sense compare judge judgement plan solve problem mind attention concentrate focus curious confused confusion careful correct mistake
digital | computer laptop keyboard mouse screen monitor display pixel software hardware firmware program code coding compile compiler debug debugger bug kernel driver server client network internet wifi online offline website browser email file folder download upload database data dataset byte bit algorithm script terminal app phone smartphone tablet chip processor cpu gpu core register cache interrupt bootloader flash encryption cipher key
digital | oscilloscope scope probe trace waveform trigger burst channel signal voltage current resistor capacitor shunt amplifier antenna board circuit solder breadboard multimeter sensor microcontroller pin clock frequency bandwidth sample sampling glitch spectrum analyser bench button led usb uart jtag
"""

HORIZONS = """
intimate | skin lip mouth tongue breath heartbeat chest belly cheek forehead hair finger fingertip hand palm eyelid embrace hug kiss caress womb bed pillow blanket whisper bosom lap wool glove
near | desk table chair sofa couch bench shelf cup mug glass plate spoon fork book pen paper notebook keyboard screen laptop phone probe board oscilloscope button drawer lamp candle bag pocket plant beside nearby close drawing
room | room kitchen bedroom bathroom hall hallway corridor office laboratory lab classroom workshop garage attic basement cellar house home flat apartment wall ceiling floor window door stairs staircase curtain church theatre theater cinema restaurant bar shop store hospital indoor inside elevator lift
open | street road path bridge city town village square park garden yard field meadow forest wood jungle desert hill mountain valley river lake pond stream sea beach shore coast island harbour harbor cliff snow sky cloud wind outside outdoor outdoors landscape countryside farm grass airport station motorway highway rooftop crowd
boundless | universe cosmos infinity infinite infinitely endless endlessly eternity eternal boundless galaxy galaxies star planet space void abyss ocean horizon nothingness everywhere heaven heavens world
"""

ACTS = """
perception | see look watch gaze stare glance glimpse peer observe notice hear listen overhear smell sniff taste touch feel sense perceive spot detect show appear sound shine glow gleam glitter sparkle stink reek
memory | remember recall recollect reminisce remind forget memorise memorize
imagination | imagine dream daydream fantasise fantasize pretend envision visualise visualize invent wish hope suppose picture conjure
reflection | think wonder consider reflect ponder contemplate believe doubt realise realize understand know conclude reason question judge analyse analyze compare assume mean guess decide suspect regret
language | say tell speak talk ask answer reply call name explain describe write read whisper shout scream yell murmur mutter announce declare claim mention promise argue discuss quote translate pronounce complain confess repeat state
action | go come run walk jump climb swim drive ride fly push pull press connect open close cut build make break fix repair paint cook eat drink swallow bite throw catch carry lift drop put take give bring send buy sell work play fight hit kick move turn leave enter arrive visit travel clean wash dig plant write measure solder halt start stop run shake hold pick pour fill use install test execute load dance hunt shoot grab grasp squeeze rub scratch hug kiss sit stand lie wear
"""
"""A verb in two lines is counted half in each. `feel` with an emotion stays perception: of oneself."""

STRONG = """
run shout scream yell smash crash slam hit kick fight burst explode rush race chase grab throw tear shake break strike stab burn hate love adore devour beg demand force attack charge leap roar howl sob
"""
MEMORY_CUES = "memory memories childhood nostalgia nostalgic souvenir grandmother grandfather remembrance"
IMAGINATION_CUES = "would could might if maybe perhaps someday fantasy imaginary dreamlike unicorn dragon hypothetical"
REFLECTION_CUES = "because therefore thus why whether idea reason meaning should perhaps truth"
LANGUAGE_CUES = "word sentence story letter language speech conversation question poem essay diary"
