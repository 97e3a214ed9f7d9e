"""Spanish words of the senses, of ways of being about something, and of space; written for Dasein, as dictionary forms."""

SENSES = """
visual | ver mirar observar contemplar divisar vislumbrar vista mirada ojo visión visible invisible aparecer escena imagen foto fotografía cuadro pintura retrato espejo reflejo reflejar
visual | luz luminoso claro claridad oscuro oscuridad sombra brillar brillante brillo resplandor destello centellear deslumbrar penumbra lámpara vela farol rayo niebla bruma borroso amanecer atardecer ocaso crepúsculo
visual | color colorido rojo naranja amarillo verde azul morado violeta rosa marrón negro blanco gris dorado plateado pálido vivo transparente opaco
visual | forma redondo cuadrado curvo recto silueta contorno horizonte cielo nube estrella luna arcoíris
auditory | oír escuchar sonido sonar ruido ruidoso silencio silencioso callado eco sordo oreja oído audible tono volumen estruendo
auditory | susurrar susurro murmurar murmullo gritar grito llorar cantar canto canción música musical melodía ritmo coro silbar silbido reír risa carcajada gemir gemido suspirar suspiro roncar toser
auditory | golpear golpe crujir crujido chirriar zumbar zumbido retumbar trueno rugir rugido aullar ladrar ladrido maullar piar tambor guitarra piano violín campana sirena alarma bocina timbre bajo voz discurso aplauso aplaudir
haptic | tocar acariciar caricia rozar roce frotar rascar pellizcar apretar agarrar abrazar abrazo tacto textura piel dedo yema palma mano labio
haptic | suave blando duro áspero rugoso liso afilado pegajoso resbaladizo sedoso peludo esponjoso mojado húmedo seco lana terciopelo arena
haptic | frío fresco helado caliente cálido tibio ardiente calor escarcha picar picor doler dolor dolorido entumecido escalofrío temblor hormigueo pinchar
olfactory | oler olor olfatear aroma aromático fragancia fragante perfume perfumado hedor apestar apestoso peste hediondo husmear nariz incienso humo rancio podrido gasolina
gustatory | saborear sabor sabroso delicioso dulce ácido agrio amargo salado picante soso jugoso maduro lengua comer beber masticar tragar sorber lamer morder devorar degustar
gustatory | azúcar sal miel limón chocolate café té vino cerveza pan queso sopa mango manzana pastel menta ajo pimienta
proprioceptive | equilibrio mareo mareado girar vuelta inclinar estirar doblar agacharse agachar arrodillar tropezar caer tambalear balancear nadar trepar subir correr saltar bailar caminar andar gatear rodar temblar postura músculo pierna rodilla pesado ingrávido tensión tenso cansado agotado cansancio aliento respirar respiración jadear latido pulso estómago hambre hambriento sed sediento náusea vértigo movimiento
affective | sentir sentimiento emoción emocionar emocionado emocional ánimo amar amor querer adorar odiar odio temer miedo asustar asustado aterrado terror ansiedad ansioso preocupar preocupado preocupación nervioso enfadar enfadado enfado enojado ira furioso rabia feliz felicidad alegre alegría contento encantado triste tristeza pena duelo luto soledad solitario desesperar desesperación desesperado esperanza orgullo orgulloso vergüenza avergonzado culpa culpable celos celoso envidia asco repugnancia sorpresa sorprendido asombrado calma sereno tierno ternura gratitud agradecido añorar añoranza nostalgia nostálgico melancolía entusiasmo entusiasmado aburrido aburrimiento dolido alivio aliviado cariño pasión maravilloso horrible terrible lágrima llanto sonreír sonrisa
cognitive | pensar pensamiento saber conocer conocimiento comprender entender creer creencia idea concepto razón razonar razonamiento lógica lógico preguntar considerar reflexionar reflexión meditar concluir conclusión decidir decisión dudar duda suponer suposición adivinar recordar memoria olvidar aprender estudiar analizar análisis teoría hipótesis prueba pregunta respuesta explicar explicación significado significar sentido comparar juzgar juicio plan planear resolver problema mente atención concentrar curioso confundido confusión cuidadoso correcto error
digital | ordenador computadora computador portátil teclado ratón pantalla monitor píxel software hardware firmware programa programar código compilar compilador depurar depurador núcleo controlador servidor cliente red internet wifi sitio navegador correo archivo fichero carpeta descargar base dato byte bit algoritmo script terminal aplicación teléfono móvil tableta chip procesador cpu gpu registro caché interrupción cifrado clave
digital | osciloscopio sonda traza disparo ráfaga canal señal voltaje tensión corriente resistencia condensador amplificador antena placa circuito soldar soldadura multímetro sensor microcontrolador reloj frecuencia muestra muestreo espectro banco botón led usb uart jtag
"""

HORIZONS = """
intimate | piel labio boca lengua aliento latido pecho vientre mejilla frente cabello pelo dedo mano palma párpado abrazo beso caricia regazo cama almohada manta susurro lana guante
near | escritorio mesa silla sofá banco estante taza vaso plato cuchara tenedor libro bolígrafo papel cuaderno teclado pantalla portátil teléfono sonda placa osciloscopio botón cajón lámpara vela bolso bolsillo planta junto cerca dibujo
room | habitación cuarto cocina dormitorio baño salón pasillo oficina despacho laboratorio aula taller garaje desván sótano casa hogar piso apartamento pared techo suelo ventana puerta escalera cortina iglesia teatro cine restaurante bar tienda hospital interior ascensor
open | calle camino carretera puente ciudad pueblo aldea plaza parque jardín patio campo prado bosque selva desierto colina montaña valle río lago estanque arroyo mar playa orilla costa isla puerto acantilado nieve cielo nube viento fuera afuera paisaje granja hierba aeropuerto estación autopista azotea multitud
boundless | universo cosmos infinito infinitamente infinidad eternidad eterno ilimitado galaxia estrella planeta espacio vacío abismo océano horizonte inmensidad mundo
"""

ACTS = """
perception | ver mirar observar contemplar divisar vislumbrar notar oír escuchar oler olfatear saborear tocar sentir percibir detectar mostrar aparecer sonar brillar apestar reflejar saber
memory | recordar acordar rememorar evocar olvidar memorizar añorar
imagination | imaginar soñar fantasear fingir inventar desear esperar visualizar
reflection | pensar considerar reflexionar meditar creer dudar comprender entender conocer concluir razonar preguntar juzgar analizar comparar suponer significar adivinar decidir sospechar lamentar importar
language | decir contar hablar preguntar responder contestar llamar nombrar explicar describir escribir leer susurrar gritar murmurar anunciar declarar afirmar mencionar prometer discutir citar traducir pronunciar quejar confesar repetir
action | ir venir correr caminar andar saltar trepar nadar conducir montar volar empujar tirar pulsar conectar abrir cerrar cortar construir hacer romper arreglar reparar pintar cocinar comer beber tragar morder lanzar coger llevar levantar soltar poner tomar dar traer enviar comprar vender trabajar jugar luchar golpear mover girar salir entrar llegar visitar viajar limpiar lavar cavar plantar medir soldar detener parar empezar sacudir sostener verter llenar usar instalar probar ejecutar cargar bailar cazar disparar agarrar apretar frotar rascar abrazar besar sentar subir bajar marchar escribir tocar
"""

STRONG = """
correr gritar golpear romper luchar estallar explotar perseguir agarrar lanzar arrancar sacudir quemar odiar amar adorar devorar suplicar exigir forzar atacar saltar rugir aullar llorar estrellar
"""
MEMORY_CUES = "memoria infancia niñez nostalgia nostálgico abuela abuelo"
IMAGINATION_CUES = "ojalá quizá quizás fantasía imaginario sueño dragón unicornio hipotético"
REFLECTION_CUES = "porque idea razón significado verdad cuenta motivo"
LANGUAGE_CUES = "palabra frase historia carta lengua idioma discurso conversación pregunta poema ensayo diario"
