"""Spanish grammar words, verbs and markers of time; written for Dasein."""

FIRST = "yo me mi mis mí mío mía míos mías conmigo nosotros nosotras nos nuestro nuestra nuestros nuestras"
SECOND = "tú te ti tu tus tuyo tuya contigo usted ustedes vosotros vosotras os vuestro vuestra"
OBJECTS = "me te se lo la le los las les nos os el un una unos unas mi mis tu tus su sus este esta estos estas ese esa esos esas aquel aquella algo alguien a al de del en contra hacia con sobre que qué cada todo toda todos todas dos"
NEGATORS = "no nunca jamás nadie nada ni ningún ninguno ninguna tampoco sin apenas"
INTENSIFIERS = "muy mucho mucha tan tanto demasiado demasiada extremadamente increíblemente terriblemente totalmente completamente absolutamente profundamente enormemente intensamente ferozmente violentamente súbitamente desesperadamente sumamente bastante siempre nunca más"
DOWNTONERS = "poco algo ligeramente apenas casi suavemente lentamente quizá quizás levemente medio"
GENERIC = "siempre generalmente normalmente habitualmente todos todas cualquier cualquiera gente cada toda todo nadie"
DEICTIC = "este esta esto estos estas ese esa eso esos esas aquel aquella aquello aquí allí ahí ahora acá allá él ella ellos ellas"
STOP = """
el la los las lo un una unos unas y e o u ni pero sino si no sí de del a al en con sin por para sobre bajo entre desde hasta hacia contra según durante
que qué cual cuál cuales quien quién quienes cuyo cuya donde dónde cuando cuándo como cómo cuanto cuánto porque aunque mientras pues yo me mi mis mí tú te
ti tu tus él ella ello ellos ellas nosotros nosotras nos os vosotros usted ustedes se su sus le les este esta esto estos estas ese esa eso esos esas aquel
aquella aquello muy más menos mucho mucha muchos muchas poco poca pocos pocas tan tanto todo toda todos todas otro otra otros otras mismo misma cada algún
alguna algunos algunas algo alguien nada nadie ningún ninguna ya aún todavía también tampoco así entonces luego después antes siempre nunca jamás bien mal
ser es son soy eres somos era eran fue fueron sido estar está están estoy estaba estaban haber ha han he hemos había habían hay hubo tener tiene tienen
dos uno ahora aquí allí casi solo sólo tal vez sea muy junto
"""
MARKERS = """
past | ayer | anoche | anteayer | antaño | antiguamente | hace # años | hace # días | hace # semanas | hace # meses | hace # horas | hace mucho tiempo | hace tiempo | hace años | hace poco | la semana pasada | el mes pasado | el año pasado | el verano pasado | el invierno pasado | la noche anterior | el día anterior | en el pasado | en aquel entonces | en aquella época | en aquellos días | érase una vez | de niño | de niña | de pequeño | de pequeña | cuando era | antes de ayer | recientemente | mirar atrás
present | ahora | ahora mismo | hoy | hoy en día | esta noche | esta mañana | esta tarde | esta semana | este mes | este año | en este momento | actualmente | de momento | en la actualidad
future | mañana | mañana por la mañana | pasado mañana | la próxima semana | el próximo mes | el próximo año | el próximo verano | el próximo invierno | la semana que viene | el mes que viene | el año que viene | pronto | en el futuro | algún día | dentro de # días | dentro de # semanas | dentro de # meses | dentro de # años | más adelante | de ahora en adelante
"""
"""`mañana` is tomorrow or the morning: it counts as future unless one of these stands before it."""
MORNING = "la las esta una cada aquella misma"
NUMBERS = "un una dos tres cuatro cinco seis siete ocho nueve diez once doce veinte treinta cuarenta cincuenta cien muchos muchas unos unas varios varias pocos pocas"
VERBS = """
acordar:ue agarrar amar anunciar añorar apestar apretar:ie arreglar asustar atacar aullar bailar bajar besar brillar buscar caminar cantar cargar cavar
cazar cenar cerrar:ie cocinar coger colocar comenzar:ie comer beber comparar comprar comprender conectar confesar:ie considerar construir:y contar:ue
contemplar contestar continuar correr cortar coser crecer crear creer:y dañar deber decidir declarar dejar deletrear depender desear detectar disparar
divisar doler:ue dudar durar ejecutar empezar:ie empujar encontrar:ue enfadar enseñar entender:ie entrar enviar escribir escuchar esperar estallar estirar
estrellar estudiar evocar existir explicar explotar fallar fantasear faltar fingir flotar formar frotar fumar ganar girar golpear gritar gustar hablar
hervir:ie:i huir:y imaginar importar instalar intentar invadir inventar jadear juzgar ladrar lamentar lamer lanzar lavar leer:y levantar limpiar llamar
llegar llenar llevar llorar luchar mandar marchar masticar medir:i:i meditar mencionar mirar montar morder:ue morir:ue:u mostrar:ue mover:ue murmurar nacer
nadar necesitar nombrar notar observar ocurrir odiar olfatear olvidar orbitar parecer pasar pasear pensar:ie percibir perder:ie permitir perseguir:i:i
pintar plantar preferir:ie:i preguntar preocupar probar:ue programar prometer pronunciar pulsar quedar quejar quemar rascar razonar recibir reconocer
recordar:ue reflejar reflexionar repetir:i:i reparar respirar responder romper rugir saborear sacar sacudir saltar seguir:i:i sentar:ie sentir:ie:i significar
sonar:ue soldar:ue soltar:ue soñar:ue sospechar sostener subir sufrir suponer suplicar susurrar temblar:ie temer terminar tirar tocar tomar trabajar tragar
trepar tropezar:ie unir usar vender viajar visitar visualizar vislumbrar vivir volar:ue volver:ue zumbar analizar dormir:ue:u girar extender:ie haber
apagar encender:ie romper mezclar mentir:ie:i pedir:i:i servir:i:i vestir:i:i reír cubrir abrir descubrir describir cruzar rezar jugar:ue negar:ie regar:ie
añadir aparecer conocer adorar devorar exigir forzar:ue arrancar afirmar citar memorizar rememorar verter:ie consistir contener depurar programar adivinar
contestar discutir abrazar acariciar rozar respirar doblar agachar inclinar rodar:ue caber suspirar silbar sonreír golpear crujir chirriar callar ladrar
"""
"""Infinitives, with how the stem changes under stress (`ie`, `ue`, `i`, `y`) and in the third person of the past."""
IRREGULAR = """
ser | present soy* eres es somos* sois son | past fui* fuiste fue fuimos* fueron era eras éramos* eran | future seré* serás será seremos* serán | conditional sería serías seríamos* serían | subjunctive fuera fueras fuéramos* fueran fuese | other sea seas seamos sean siendo sido
ir | present voy* vas va vamos* vais van | past iba ibas íbamos* iban | future iré* irás irá iremos* irán | conditional iría iríamos* irían | other vaya vayas vayamos vayan yendo ido
estar | present estoy* estás está estamos* estáis están | past estuve* estuviste estuvo estuvimos* estuvieron estaba estabas estábamos* estaban | future estaré* estará estaremos* estarán | conditional estaría estaríamos* estarían | subjunctive estuviera estuvieran | other esté estés estén estando estado
haber | present hay | past hubo había habías habíamos* habían hubieron | future habrá habrán habré* | conditional habría habrían | subjunctive hubiera hubieran hubiese | other haya hayan habiendo habido
tener | present tengo* tienes tiene tenemos* tenéis tienen | past tuve* tuviste tuvo tuvimos* tuvieron tenía tenías teníamos* tenían | future tendré* tendrás tendrá tendremos* tendrán | conditional tendría tendríamos* tendrían | subjunctive tuviera tuvieran | other tenga tengas tengamos tengan teniendo tenido
hacer | present hago* haces hace hacemos* hacen | past hice* hiciste hizo hicimos* hicieron hacía hacías hacíamos* hacían | future haré* harás hará haremos* harán | conditional haría haríamos* harían | subjunctive hiciera hicieran | other haga hagas hagan haciendo hecho
decir | present digo* dices dice decimos* dicen | past dije* dijiste dijo dijimos* dijeron decía decías decíamos* decían | future diré* dirás dirá diremos* dirán | conditional diría diríamos* dirían | subjunctive dijera dijeran | other diga digas digan diciendo dicho
ver | present veo* ves ve vemos* veis ven | past vi* viste vio vimos* vieron veía veías veíamos* veían | future veré* verás verá veremos* verán | conditional vería veríamos* verían | subjunctive viera vieran | other vea veas vean viendo visto
oír | present oigo* oyes oye oímos* oyen | past oí* oíste oyó oyeron oía oías oíamos* oían | future oiré* oirás oirá oiremos* oirán | conditional oiría oiríamos* oirían | subjunctive oyera oyeran | other oiga oigan oyendo oído
oler | present huelo* hueles huele olemos* huelen | past olí* oliste olió olimos* olieron olía olías olíamos* olían | future oleré* olerá olerán | conditional olería olerían | other huela huelan oliendo olido
saber | present sé* sabes sabe sabemos* saben | past supe* supiste supo supimos* supieron sabía sabías sabíamos* sabían | future sabré* sabrá sabremos* sabrán | conditional sabría sabrían | subjunctive supiera supieran | other sepa sepan sabiendo sabido
poder | present puedo* puedes puede podemos* pueden | past pude* pudiste pudo pudimos* pudieron podía podías podíamos* podían | future podré* podrás podrá podremos* podrán | conditional podría podríamos* podrían | subjunctive pudiera pudieran | other pueda puedan pudiendo podido
querer | present quiero* quieres quiere queremos* quieren | past quise* quisiste quiso quisimos* quisieron quería querías queríamos* querían | future querré* querrá querremos* querrán | conditional querría querrían | subjunctive quisiera quisieran | other quiera quieran queriendo querido
venir | present vengo* vienes viene venimos* vienen | past vine* viniste vinimos* vinieron venía venías veníamos* venían | future vendré* vendrás vendrá vendremos* vendrán | conditional vendría vendrían | subjunctive viniera vinieran | other venga vengan viniendo venido
poner | present pongo* pones pone ponemos* ponen | past puse* pusiste puso pusimos* pusieron ponía ponías poníamos* ponían | future pondré* pondrás pondrá pondremos* pondrán | conditional pondría pondrían | subjunctive pusiera pusieran | other ponga pongan poniendo puesto
salir | present salgo* sales salimos* salen | past salí* saliste salió salieron salía salías salíamos* salían | future saldré* saldrás saldrá saldremos* saldrán | conditional saldría saldrían | subjunctive saliera salieran | other salga salgan saliendo salido
traer | present traigo* traes trae traemos* traen | past traje* trajiste trajo trajimos* trajeron traía traías traíamos* traían | future traeré* traerá traeremos* traerán | other traiga traigan trayendo traído
caer | present caigo* caes cae caemos* caen | past caí* caíste cayó caímos* cayeron caía caías caíamos* caían | future caeré* caerá caerán | other caiga caigan cayendo caído
dar | present doy* das da damos* dan | past di* diste dio dimos* dieron daba dabas dábamos* daban | future daré* darás dará daremos* darán | conditional daría darían | subjunctive diera dieran | other dé den dando dado
andar | present ando* andas anda andamos* andan | past anduve* anduvo anduvimos* anduvieron andaba andabas andábamos* andaban | future andaré* andará andarán | other ande andando andado
conducir | present conduzco* conduces conduce conducimos* conducen | past conduje* condujo condujimos* condujeron conducía conducían | future conduciré* conducirá conducirán | other conduciendo conducido
detener | present detengo* detienes detiene detenemos* detienen | past detuve* detuvo detuvimos* detuvieron detenía detenían | future detendré* detendrá detendrán | other detenga deteniendo detenido
sostener | present sostengo* sostiene sostenemos* sostienen | past sostuve* sostuvo sostuvieron sostenía sostenían | future sostendré* sostendrá | other sosteniendo sostenido
suponer | present supongo* supone suponemos* suponen | past supuse* supuso supusieron suponía suponían | other suponiendo supuesto
reír | present río* ríes ríe reímos* ríen | past reí* rió rio rieron reía reían | future reiré* reirá | other riendo reído
sonreír | present sonrío* sonríes sonríe sonreímos* sonríen | past sonreí* sonrió sonrieron sonreía sonreían | future sonreiré* sonreirá | other sonriendo sonreído
romper | other roto rota rotos rotas
escribir | other escrito escrita escritos escritas
abrir | other abierto abierta abiertos abiertas
volver | other vuelto
morir | other muerto muerta muertos muertas
"""
"""A star marks the first person."""
NO_VERBS = "como nada para sobre entre vino bajo cara casa caso pasa planta cuenta río uno una nado tras hacía canto canta mando marcha llama puesto pasado vista visto sentido dado sonido juego pesca busca compra pinta forma base prueba sale cubierta ganas escalera toda"
"""Forms that are far more often something else than a form of a verb."""
JOINERS = "porque aunque mientras cuando pero sino"
JOINERS_AFTER_A_COMMA = "y e o u ni así luego entonces si que donde quien como pues"
JOINERS_BEFORE_A_SUBJECT = "y e o u ni si"
SUBJECT_PRONOUNS = "yo tú él ella usted nosotros nosotras vosotros ellos ellas ustedes"
