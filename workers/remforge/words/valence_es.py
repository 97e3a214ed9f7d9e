"""Spanish words of good and bad with weights of -4 to 4, written for Dasein: no other lexicon was looked at or translated."""

WEIGHTS = """
4 | maravilloso excelente extraordinario magnífico espléndido perfecto éxtasis
3 | feliz felicidad amor amar adorar alegría encantar encantado fantástico estupendo genial increíble precioso hermoso delicioso triunfo victoria milagro fabuloso brillante divino glorioso
2 | alegre bueno buena buenas buenos buen bien mejor bonito bello belleza querido cariño ternura tierno abrazo beso besar sonrisa sonreír risa reír disfrutar gozar placer éxito ganar ganador premio regalo fiesta celebrar esperanza ilusión orgullo orgulloso gratitud agradecido agradecer gracias amable amistad amigo paz sereno contento divertido valiente libre libertad salud sano suerte victorioso entusiasmo entusiasmado sabroso rico admirar confianza dulce dulzura aliviado alivio mágico
1 | agradable cálido calma tranquilo suave luminoso claro fresco limpio útil fácil interesante curioso correcto seguro cómodo gustar querer ayudar ayuda apoyo mejorar lograr aprender crear fiel justo honesto honestidad sol flor fiable eficaz
-1 | aburrido aburrimiento lento difícil cansado cansancio raro frío sucio ruido oscuro duda dudar problema error fallo perdido perder olvidar extraño débil caro pesado amargo nervioso tensión confuso incómodo molesto molestar
-2 | triste tristeza malo mala malas malos mal miedo temer temor preocupado preocupación ansiedad enfado enfadado enojado pena dolor doler dolorido llorar llanto lágrima feo vergüenza culpa culpable celos envidia soledad solitario herida herido herir enfermo enfermedad fracaso fracasar derrota peligro peligroso mentira mentir injusto cruel crueldad pelea pelear romper roto grave queja hambre apestar apestoso hedor podrido peor arruinar lamentar quejar asustado asustar castigo castigar
-3 | odio odiar horrible terrible espantoso asco asqueroso repugnante rabia furioso ira desesperado desesperación angustia sufrir sufrimiento desgracia tragedia trágico guerra violencia violento muerte morir muerto matar pesadilla pánico terror traición traicionar atroz desastre catástrofe funeral peste luto
-4 | asesinato asesinar tortura torturar genocidio masacre infierno violación
"""
