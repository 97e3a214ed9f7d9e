"""Our vocabulary: each line a meaning (a kind and a value), its English phrases, its Spanish phrases; first one leads."""

THINGS = """
thing Instruction | instruction, instructions, instr, instrs, opcode, opcodes, assembly line, code location, operation, operations, spot, spots, site, sites, place, places, code place, code places, code site, code sites, statement, statements, stuff, asm, parts of the code, part of the code, pieces of code, points in the code | instruccion, instrucciones, operacion, operaciones, instrs, sitio, sitios, punto, puntos, lugar, lugares, sentencia, sentencias, opcode, opcodes, partes del codigo, parte del codigo
thing Function | function, functions, routine, routines, subroutine, subroutines, procedure, procedures, func, funcs | funcion, funciones, rutina, rutinas, subrutina, subrutinas, procedimiento, procedimientos, metodo, metodos
thing Firmware | firmware, firmwares, build, builds, image, images, binary, binaries, elf, release, releases, fw, artefact, artefacts | compilacion, compilaciones, imagen, imagenes, binario, binarios, version de firmware, versiones de firmware, builds, build, ejecutable, ejecutables
thing Campaign | campaign, campaigns, measurement campaign, evaluation, evaluations, test run, test runs, assessment, assessments, measurement run, measurement runs, evaluation run, evaluation runs, session, sessions | campana, campanas, evaluacion, evaluaciones, ensayo, ensayos, sesion, sesiones, campana de medicion, campanas de medicion
thing SecurityVulnerability | vulnerability, vulnerabilities, finding, findings, weakness, weaknesses, vuln, vulns, security issue, security issues, security problem, security problems, issue, issues, flaw, flaws, security hole, security holes, hole, holes, defect, defects, exposure, exposures | vulnerabilidad, vulnerabilidades, hallazgo, hallazgos, debilidad, debilidades, problema de seguridad, problemas de seguridad, fallo de seguridad, fallos de seguridad, agujero de seguridad, incidencia, incidencias, defecto, defectos, agujero, agujeros, fallo, fallos
thing Mitigation | mitigation, mitigations, countermeasure, countermeasures, protection, protections, defence, defences, defense, defenses, remedy, remedies, fixes, safeguard, safeguards, hardening measure, hardening measures, remediation, remediations, cure, cures | mitigacion, mitigaciones, contramedida, contramedidas, proteccion, protecciones, defensa, defensas, remedio, remedios, arreglos, salvaguarda, salvaguardas, medida de proteccion, medidas de proteccion, solucion, soluciones
thing Measurement | measurement, measurements, measurement record, measurement records, reading, readings | medicion, mediciones, medida, medidas, lectura, lecturas
thing EnergyPattern | energy pattern, energy patterns, pattern, patterns, power pattern, power patterns, consumption pattern, consumption patterns | patron de energia, patrones de energia, patron energetico, patrones energeticos, patron, patrones, patron de consumo, patrones de consumo
thing Document | document, documents, paper, papers, article, articles, doc, docs, note, notes | documento, documentos, articulo, articulos, nota, notas
thing Chunk | passage, passages, excerpt, excerpts, paragraph, paragraphs | pasaje, pasajes, fragmento, fragmentos, parrafo, parrafos
thing Entity | entity, entities, concept, concepts, topic, topics | entidad, entidades, concepto, conceptos, tema, temas
leaknoun leak | leakage, leakages, information leak, information leaks, leaker, leakers, leakage point, leakage points, disclosure, disclosures | fuga, fugas, filtracion, filtraciones, fuga de informacion, fugas de informacion, fugas de datos, filtraciones de datos
leak leak | leak, leaks, leaked, leaking, leaky, leak information, leaks information, give away, gives away, expose, exposes, reveal, reveals, escape, escapes, disclose, discloses, betray, betrays, spill, spills, compromise, compromises, vulnerable, insecure, away | filtra, filtran, filtrar, fugan, filtrando, revela, revelan, expone, exponen, vulnerable, vulnerables, insegura, inseguras, inseguro, inseguros, delata, delatan, escapa, escapan, se escapa, al descubierto, a la vista
secret key | key, secret key, encryption key, secret, keys, secrets, key material, cipher key | clave, llave, clave secreta, secreto, claves, secretos, clave de cifrado
patch patch | patch, patched, fix, the change, hardening, hardened, patches, fixes | parche, arreglo, correccion, parcheada, parcheado, parches, endurecimiento
"""

PROPERTIES = """
prop energy | energy, energy consumption, energy use, energy usage, consumption, consume, consumes, consumed, consuming, use energy, uses energy, joules, energetic, draw energy, burn, burns, energy cost, energy draw, energies, joule, microjoules, juice, energy footprint, mean energy use, power budget | energia, consumo, consumo de energia, consumo energetico, consume, consumen, consumir, gasta, gastan, gasto, gasto energetico, gasto de energia, energetico, energetica, energias, energetica, gasto medio, consumo medio de energia
prop power | power, power draw, power consumption, draw power, draws power | potencia, potencia consumida
prop temperature | how warm, how cold, how cool, temperature, temperatures, heat, thermal, warm, how hot, temp, temps, celsius, degrees, degree | temperatura, temperaturas, calor, termico, termica, temp, grados, temperatura media
prop latency | latency, latencies, delay, delays, duration, how long, take, takes, execution time, response time, run time, time, times taken, running time, timing in us, needs | latencia, latencias, retardo, retardos, retraso, retrasos, demora, duracion, cuanto tarda, cuanto tardan, tarda, tardan, tiempo de ejecucion, tiempo de respuesta, tiempo, tiempos, tiempo maximo
prop t | t value, t values, t statistic, t statistics, t score, t, max t, max abs t, welch t, tvla t, tvla value, tvla statistic, tvla score, absolute t, absolute t statistic, abs t, t test statistic, t test value, t result, welch statistic, leakage statistic, test statistic | valor t, valores t, estadistico t, t de welch, puntuacion t, valor tvla, estadistico tvla, |t|, t absoluto, t absoluta, estadistico de welch, valor absoluto de t, estadistico, estadistica t
prop rho | correlation, correlations, rho, correlation coefficient, cpa value, cpa correlation, max abs rho, correlation value, coefficient, pearson, abs rho, absolute correlation, correlation strength, rhos | correlacion, correlaciones, coeficiente de correlacion, valor cpa, correlacion cpa, coeficiente, rho, correlacion absoluta
prop p | p value, p values, p, tvla p value, pvalue | valor p, valores p, p valor
prop samples | samples, sample, sample count, number of samples, sampled, times measured, measured times, sample size | muestras, muestra tomada, numero de muestras, cantidad de muestras, muestreada, muestreadas, muestreado
prop executions | executions, executed, execution count, times executed, number of executions, how often executed, run count, times run, times it ran, times they ran, run counts, iterations, hit count | ejecuciones, ejecutada, ejecutadas, ejecuta, ejecutan, numero de ejecuciones, veces ejecutada, ejecucion, veces que se ejecuta
prop traces | traces, trace, trace count, number of traces | trazas, traza, numero de trazas, cantidad de trazas
prop traces_needed | traces needed, needed traces, traces required, required traces, traces are needed, traces does it need, how many traces needed | trazas necesarias, trazas requeridas, trazas hacen falta, trazas se necesitan, trazas necesita
prop key_bytes | key bytes recovered, recovered key bytes, key bytes, bytes recovered, bytes of the key, recovered bytes | bytes de clave recuperados, bytes de la clave recuperados, bytes recuperados, bytes de la clave, bytes de clave
prop severity | severity, severities, serious, seriousness, how bad, how severe, how serious, how grave, how critical | severidad, severidades, gravedad, que tan grave, que tan graves, cuan grave, como de grave, que tan severa, que tan seria
prop address | address, addresses | direccion, direcciones
prop mnemonic | mnemonic, mnemonics | mnemonico, mnemonicos, nemonico, nemonicos
prop operands | operands, operand | operandos, operando
prop file | file, files, source file, source files | archivo, archivos, fichero, ficheros, archivo fuente, fichero fuente
prop line | line number, line numbers | numero de linea, numeros de linea
prop source_line | where in the source code, where in the source, where in the code, whereabouts in the source, source line, source lines, line of code, lines of code, code line, code lines, source code line, line, lines | linea de codigo, lineas de codigo, linea fuente, lineas fuente, linea del codigo, linea, lineas
prop size | size, code size | tamano, tamano del codigo
prop core | core, cores, cpu, processor | nucleo, nucleos, procesador, procesadores
prop verdict | result, results, concluded, conclude, resultado, resultados, se concluyo, concluye, verdict, verdicts, outcome, result of the campaign, conclusion, ruling | veredicto, veredictos, dictamen, conclusion, dictamenes
prop headline | headline, summary | titular, resumen
prop power_model | power model, leakage model, power models | modelo de potencia, modelo de consumo, modelo de fuga
prop created_at | date, when, created, dates, creation date | fecha, fechas, cuando, creada, creado
prop effectiveness | effectiveness, effective, efficacy, how effective | eficacia, efectividad, eficaz, eficaces, efectiva, efectivo
prop cost | cost, costs, overhead, how expensive, expensive, costly | coste, costes, costo, costos, sobrecoste, cuanto cuesta, cuesta, cara, caro, costosa, costoso
prop secret | which secret, which secrets, what secret, what secrets, which key byte, which key bytes, what key byte, what key bytes, which byte of the key, which bytes of the key, which part of the key, what part of the key, which parts of the key | que secreto, que secretos, cual secreto, que byte de la clave, que bytes de la clave, que parte de la clave, que partes de la clave, que byte de clave, que bytes de clave, que byte
prop kind | kind, kinds, type, types, sort, sorts | tipo, tipos, clase, clases
prop threshold | threshold, thresholds | umbral, umbrales
prop title | title, titles | titulo, titulos
prop media_type | media type, format | formato, tipo de medio
prop description | description, definition | descripcion, definicion
prop tags | tag, tags | etiqueta, etiquetas
prop digest | sha256, sha, hash, digest | suma sha
"""

FIGURES = """
super max | rank, ranked, ranking, sort, sorted, order by, ordered by, highest, largest, most, greatest, biggest, max, top, strongest, peak, the maximum, maximal, record, top ranking, upper, utmost, maximum number of, the highest, leading | ordena, ordenar, clasifica, ordenadas, ordenados, mas alto, mas alta, mas altos, mas altas, mas elevado, mas elevada, mayores, el mayor, la mayor, mas grande, mas grandes, mas fuerte, mas fuertes, mas altas, mas elevados, mas elevadas, tope
super min | lowest, least, smallest, fewest, weakest, min, bottom, minimal | mas bajo, mas baja, mas bajos, mas bajas, el menor, la menor, los menores, las menores, mas pequeno, mas pequena, mas debil, mas debiles
either max | maximum | maximo, maxima, maximos, maximas
either min | minimum | minimo, minima, minimos, minimas
super max temperature | hottest, warmest, most heated, highest temperature, hot, warm, running hottest, gets hottest, get hottest, most hot, more hot, heats up most, heat up most, toastiest | mas caliente, mas calientes, mas calida, mas calidas, mas calurosa, caliente, calientes, se calienta mas, se calientan mas, mas se calienta, mas se calientan, mas caldeada, mas calor
super min temperature | coldest, coolest, cool, cold, most cold, more cold, chilliest | mas fria, mas frias, mas frio, mas frios, mas fresca, mas frescas, menos calientes, menos caliente
super max latency | slowest, longest, most latent, longest running, slow, takes longest, takes the longest, take the longest, take longest, taking longest, most time, most sluggish, laggiest, takes most time, take the most time | mas lenta, mas lentas, mas lento, mas lentos, mas larga, mas largas, lenta, lentas, tarda mas, tardan mas, mas tarda, mas tardan, demora mas, demoran mas, mas demora, mas demoran, que mas tarda, que mas tardan, que mas demora, mas tiempo, mas tardada, mas tardadas
super min latency | fastest, quickest, shortest, fast, speediest, least time, takes least, takes the least time, most rapid | mas rapida, mas rapidas, mas rapido, mas rapidos, tarda menos, tardan menos, menos tarda, menos tardan, menos tiempo, mas veloz, mas veloces, menos demora, menos demoran
super max energy | most power hungry, most energy hungry, hungriest, most expensive in energy, energy hungry, power hungry, most energy intensive, greediest, most consuming, biggest consumer, biggest consumers, top consumer, top consumers, thirstiest, eats most, eat most, burns most, burn most, draws most, draw most, consumes most, consume most, uses most, use most, most wasteful, heaviest consumer, energy hog, energy hogs, power hog, power hogs | mas consume, mas consumen, consume mas, consumen mas, que mas gasta, mas gasta, mas gastan, gasta mas, gastan mas, mas gastona, mas gastonas, mayor consumidor, mayores consumidores, consuma mas, mas consuma, mas chupa, mas chupan, chupa mas, chupan mas, mas jala, mas jalan, jala mas, jalan mas, mas hambrienta, mas hambrientas, mas derrocha, mas derrochan, mas tragona, mas tragonas, mas traga, mas tragan
super min energy | most efficient, most energy efficient, thriftiest, most frugal, most economical, most thrifty, consumes least, consume least, uses least, use least, draws least, draw least, burns least, burn least, leanest | menos consume, menos consumen, consume menos, consumen menos, menos gasta, menos gastan, gasta menos, gastan menos, mas eficiente, mas eficientes, menos chupa, menos chupan, menos jala, menos jalan, mas ahorradora, mas economica, mas economicas
super max leak | leakiest, most vulnerable, most leaky, leaks most, leaks the most, leak the most, leak most, most leaking, worst leaking, most affected, worst leaker, worst leakers, leak hardest, leaks hardest, most exposed, least secure, weakest security, worst offender, worst offenders, biggest leaker, biggest leakers, reveals most, reveal most, exposes most, expose most | mas vulnerable, mas vulnerables, filtra mas, filtran mas, mas filtra, mas filtran, mas afectada, mas afectadas, mas afectado, mas afectados, mas insegura, mas inseguras, fuga mas, fugan mas, mas fuga, mas fugan, mas revela, mas revelan, menos segura, menos seguras, mas expuesta, mas expuestas, mas delata, mas delatan
super max worst | worst, most severe, most serious, most critical, gravest, most dangerous | peores, la peor, el peor, mas grave, mas graves, mas severa, mas severas, mas critica, mas criticas, mas seria, mas serias, mas peligrosa, mas peligrosas
super min worst | least severe, least serious, mildest | menos grave, menos graves, mas leve, mas leves
super min traces_needed | easiest to recover, easiest to attack, easiest to extract, easiest to break, fewest traces needed | mas facil de recuperar, mas faciles de recuperar, mas facil de atacar, mas facil de extraer, mas facil de sacar
super max traces_needed | hardest to recover, hardest to attack, hardest to extract, hardest to break | mas dificil de recuperar, mas dificiles de recuperar, mas dificil de atacar, mas dificil de extraer
super max created_at | newest, latest, most recent, last, youngest | mas reciente, mas recientes, mas nueva, mas nuevas, mas nuevo, mas nuevos, ultima, ultimas, ultimo, ultimos
super min created_at | oldest, earliest, first | mas antigua, mas antiguas, mas antiguo, mas antiguos, mas vieja, mas viejo, primera, primeras
super max cost | most expensive, most costly, costliest, dearest | mas cara, mas caras, mas caro, mas caros, mas costosa, mas costosas, mas costoso, mas costosos
super min cost | cheapest, least expensive, least costly | mas barata, mas baratas, mas barato, mas baratos, menos costosa, menos costoso, menos cara
super max effectiveness | most effective, best | mas eficaz, mas eficaces, mas efectiva, mas efectivas, mas efectivo, mas efectivos
super min effectiveness | least effective | menos eficaz, menos eficaces, menos efectiva, menos efectivo
super max executions | most executed, most often executed, most frequently executed, executed most, most frequent, executed most often, runs most often, ran most, ran the most, ran most often, ran the most often, run most, runs the most, run the most, executed the most, executed the most often, most run | mas ejecutada, mas ejecutadas, mas frecuente, mas frecuentes, se ejecuta mas, se ejecutan mas, mas se ejecuta, mas se ejecutan, se ejecuto mas, mas se ejecuto, corre mas veces
super max samples | most sampled, most measured, best sampled | mas muestreada, mas muestreadas, mas medida, mas medidas
super min samples | least sampled, least measured | menos muestreada, menos muestreadas, menos medida, menos medidas
super max rho | most correlated, strongest correlation | mas correlacionada, mas correlacionadas
super max size | biggest image | imagen mas grande
agg mean | average, mean, averages, avg, on average, typical, typically, averaged, arithmetic mean, mean value, average value, in average, per instruction on average, expected | media, promedio, medio, en promedio, de media, medios, promedios, por termino medio, media aritmetica, valor medio, por termino medio, promedios
agg total | total, sum, overall, altogether, in total, summed, combined, in sum, grand total, aggregate, cumulative, accumulated | suma, totales, en total, sumada, total de, total acumulado, acumulado, acumulada, sumadas, sumados, en conjunto
agg sd | standard deviation, deviation, spread, sd, std, stdev, variability | desviacion estandar, desviacion tipica, desviacion, dispersion, variabilidad
share share | share of, proportion of, percentage of, percent of, fraction of, what share, what proportion, what percentage, what fraction, ratio of, proportion, percentage, fraction, share, which part of, what part of, how large a part of | proporcion, porcentaje, fraccion, proporcion de, porcentaje de, fraccion de, que parte de, tanto por ciento
many many | how many, number of, count of, count, amount of, the count, quantity of, how often, how many times, tally, tally of, head count, total number of, figure for the number of | cuantos, cuantas, numero de, cantidad de, cuenta de, cuantas veces, cuenta, contar, recuento, recuento de, que cantidad de, que numero de, cuantos hay, cuantas hay, numero total de, dime el numero de, cuentame cuantos, cuentame cuantas
much much | how much, how many uj, how many nj, how many mj, how many joules, how many microjoules, how many nanojoules, how many us, how many microseconds, how many degrees | cuanto, cuanta, cuantos uj, cuantos nj, cuantos mj, cuantos julios, cuantos microjulios, cuantos nanojulios, cuantos us, cuantos microsegundos, cuantos grados
group by | per, by each, grouped by, for each, broken down by, for every, in each, of each, each, split by, across, of every, grouped per, one for each, broken down per, split per | por cada, para cada, agrupado por, agrupada por, agrupadas por, agrupados por, en cada, de cada, desglosado por, cada, segun, por cada una, para cada una, por cada uno, agrupadas segun
groupby by | by | por
"""

COMPARING = """
op > | more than, over, above, greater than, higher than, larger than, exceed, exceeds, exceeding, exceeded, bigger than, beyond, in excess of, upwards of, surpass, surpasses, greater, higher, larger, stronger than, stronger, >, greater then, more then, bigger then, north of, higher then, larger then, on the far side of, past | mas de, mas que, mayor que, mayores que, mayor de, mayores de, superior a, superiores a, por encima de, por encima del, supera, superan, superen, supere, excede, exceden, sobrepasa, sobrepasan, rebasa, rebasan, mas alto que, mas alta que, mas altos que, mas altas que, superando, mayor a, mayores a, arriba de, sobre los, encima de, de mas de, por arriba de, mas alla de, mas grande que, mas grandes que
op < | less than, fewer than, below, under, lower than, smaller than, beneath, short of, lower, fewer, smaller, weaker than, <, less then, lower then, smaller then, fewer then, south of, inferior to | menos de, menos que, menor que, menores que, menor de, menores de, inferior a, inferiores a, por debajo de, por debajo del, mas bajo que, mas baja que, menor a, menores a, debajo de, bajo los, no llega a, no llegan a, abajo de, por abajo de, de menos de, mas pequeno que, inferior al
op >= | at least, no less than, no fewer than, not less than, not below, a minimum of, minimum of, greater than or equal to, greater or equal to, from at least, >=, ≥, not under, not lower than, no lower than, not smaller than, equal to or above, equal or above, min of | al menos, por lo menos, como minimo, no menos de, un minimo de, mayor o igual que, mayor o igual a, mayores o iguales que, mayores o iguales a, a partir de, igual o superior a, igual o mayor que, minimo de, no inferior a, no inferiores a, no por debajo de, de al menos, desde los, cuando menos
op <= | at most, no more than, up to, not more than, not above, not over, a maximum of, maximum of, less than or equal to, less or equal to, <=, ≤, not exceeding, not higher than, no higher than, not greater than, no greater than, not larger than, equal to or below, equal or below, capped at, max of, not more then | como maximo, como mucho, a lo sumo, no mas de, un maximo de, menor o igual que, menor o igual a, menores o iguales que, menores o iguales a, igual o inferior a, igual o menor que, maximo de, no superior a, no superiores a, no mas alla de, que no superan, que no superen, que no pasan de, que no pasen de, de hasta, a lo mas, cuando mucho, no por encima de
op > traces_needed | need more than, needs more than, require more than, requires more than | necesitan mas de, necesita mas de, requieren mas de, requiere mas de
op = | equal to, equals, equal, exactly, precisely, = | igual a, iguales a, exactamente, exacto, justo, precisamente
op > temperature | hotter than, warmer than, hotter, warmer, more hot than | mas caliente que, mas calientes que, mas caliente de, mas calientes de, mas calida que, mas caliente que los
op < temperature | cooler than, colder than, cooler, colder | mas fria que, mas frias que, mas fria de, mas frias de
op > latency | slower than, longer than, slower, longer | mas lenta que, mas lentas que, mas lenta de, mas lentas de, mas lento que, mas lentos que
op < latency | faster than, quicker than, shorter than, faster, quicker, shorter | mas rapida que, mas rapidas que, mas rapida de, mas rapidas de, mas rapido que, mas rapidos que
between between | between, in the range, within the range, ranging from | entre, en el rango, en el intervalo
orabove >= | or more, or above, or higher, or over, and above, and up, or greater, and higher, or worse, and worse, or later, or better, upward, upwards, and more, or beyond, and worse, or up | o mas, o superior, o superiores, o mayor, o mayores, o peor, o peores, en adelante, y superior, y superiores, o por encima, o mas alta, o mas altas, o mas grave, o mas graves, y mas, para arriba, hacia arriba
orbelow <= | or less, or below, or lower, or fewer, or under, and below, or milder | o menos, o inferior, o inferiores, o menor, o menores, o por debajo
more more | more | mas
fewer fewer | less | menos
mayor mayor | - | mayor, maxim
menor menor | - | menor
vague average | than average, above average, below average, than usual, than normal, above the average, below the average, than the average, than the mean, above the mean | que la media, que el promedio, de lo normal, por encima de la media, del promedio, por debajo de la media
safe safe | safe, secure | segura, seguras, seguro, seguros
trend trend | go up, went up, gone up, goes up, go down, went down, goes down, rise, rose, risen, increase, increased, grow, grew, grown, decrease, decreased, drop, dropped, fell, shrink, shrank | subio, subido, sube, aumento, aumentado, crecio, crecido, disminuyo, disminuido, bajado, bajo la energia, bajo el consumo, bajo la potencia, cayo
neg not | not, weren't, wasn't, haven't, hasn't, hadn't, can't, don't, doesn't, do not, does not, didn't, no, never, aren't, isn't, are not, is not, free of, free from, lack, lacks, lacking, have no, has no, without any, without, unaffected by, cannot, nor, neither, excluding, except, other than, not any, is free of, free from any, none, non, devoid of, spared, rather than, but not, apart from, besides | no, sin, sin ninguna, sin ningun, ninguna, ningun, nunca, carece de, carecen de, libre de, libres de, excepto, salvo, tampoco, sin que, jamas, ni una, ni un, aparte de, exentas de, exenta de
sev critical | critical, severest | critica, criticas, critico, criticos
sev high | high, severe, high severity | alta, altas, alto, altos, grave, graves, severa, severas, severo, severos
sev medium | medium, moderate, medium severity | mediana, moderada, moderadas, moderado, moderados, severidad media, gravedad media, intermedia
sev low | low, minor, mild, low severity | baja, bajas, bajo, bajos, leve, leves
vkind tvla-1 | first order, first order leakage, tvla 1, order 1, first order tvla, first order t test, first order leaks, univariate | primer orden, de primer orden, tvla de primer orden, univariante
vkind tvla-2 | second order, second order leakage, tvla 2, order 2, higher order, second order tvla, second order t test, second order leaks, tvla second order | segundo orden, de segundo orden, tvla de segundo orden
vkind tvla | tvla, t test, t tests | prueba t, pruebas t, test t
vkind cpa | cpa, correlation power analysis, correlation attack, correlation attacks, correlation based, key recovery | ataque de correlacion, ataques de correlacion, por correlacion
vkind control-flow | control flow, timing, constant time violation, constant time violations, not constant time, non constant time, control flow divergence, control flow divergences, timing dependency | flujo de control, temporal, temporales, de tiempo, divergencia de flujo de control, divergencias de flujo de control, divergencia del flujo de control
vkind fault | fault, faults, crash, crashes | falta, caida, caidas
vkind budget | budget, out of budget, cycle budget | presupuesto, presupuesto de ciclos
verdict clean | clean, passed, pass, passes, leak free, came out clean, come out clean, spotless, all clear | limpia, limpias, limpio, limpios, pasaron, salio limpia, salieron limpias, aprobo, aprobaron, aprobada, aprobadas
verdict insufficient | inconclusive, insufficient | insuficiente, insuficientes, no concluyente, no concluyentes
verdict fault | faulted, crashed | fallida, fallidas
sufficient 1 | enough traces, sufficient traces, sufficiently sampled, sufficient | trazas suficientes, suficientes trazas, suficiente, suficientes
sufficient 0 | insufficient traces, not enough traces, too few traces, not sufficient | trazas insuficientes, insuficientes trazas, demasiado pocas trazas, no suficientes trazas
level HIGH | high energy, high consumption, high power, high energy pattern | alta energia, alto consumo, energia alta, consumo alto
level MEDIUM | medium energy, medium consumption, medium energy pattern | energia intermedia, consumo medio, consumo intermedio
level LOW | low energy, low consumption, low power, low energy pattern | baja energia, bajo consumo, energia baja, consumo bajo
"""

RELATING = """
rel precedes | followed by, precede, precedes, preceding, before, comes before, come before, runs before, run before, immediately before, right before, just before, previous to, previous, predecessor, predecessors, preceded, leads to, goes before, ahead of, executed before, one before, prior to, ran before, comes ahead of | seguida por, seguidas por, seguida de, seguidas de, precede, preceden, anterior, anteriores, antes de, antes del, justo antes de, viene antes de, va antes de, van antes de, previa, previas, inmediatamente antes de, predecesora, predecesoras, que preceden a, antecede, anteceden, va justo antes de, va antes, previo a, previa a, antes
rel follows | follow, follows, following, after, comes after, come after, runs after, run after, next, successor, successors, right after, immediately after, just after, subsequent, executed after, preceded by, goes after, next to, behind, one after, comes next, come next, succeeding, directly after, straight after, that follows | sigue, siguen, siguiente, siguientes, despues de, despues del, justo despues de, viene despues de, va despues de, van despues de, inmediatamente despues de, sucesora, sucesoras, posterior, posteriores, precedida por, precedidas por, tras, va justo despues de, va tras, viene tras, a continuacion de, detras de, despues
rel correlates | correlated, correlate, correlates, correlated with, correlates with, correlate with, correlating, correlation with, similar energy to, move together with, moves with, in step with, correlation to, energy correlated, vary together with, rise and fall with, track, tracks, tracking | correlacionada, correlacionadas, correlacionado, correlaciona, correlacionan, correlacionada con, correlacionadas con, se correlaciona con, se correlacionan con, correlacion con, tienen correlacion con, correlan, van a la par de, van a la par con, correlacion alta con, se parecen en energia a
rel triggers | trigger, triggers, triggered, triggering, fire, fires, exhibit, exhibits, set off, sets off, cause pattern | dispara, disparan, activa, activan, provoca, provocan, desencadena, desencadenan, presenta, presentan
rel mitigated | mitigated, mitigate, mitigates, mitigated by, fixed by, addressed, addressed by, countered by, countered, protected by, protected, protects, protect, remedied, remedied by, applied, apply, applied to, defended, counter, address, countermeasures for, taken against, used against, in place against, put on, repair, repaired, repairs, treat, treated, treats, plugged, guard, guards, guarded, relieve, alleviate, alleviates, helps against, help against, works against | mitigada, mitigadas, mitigado, mitigados, mitiga, mitigan, mitigada por, mitigadas por, corregida por, corregidas por, protegida, protegidas, protege, protegen, aplicada, aplicadas, aplicaron, aplico, se aplico, se aplicaron, contrarresta, contrarrestan, remedia, remedian, aplica, aplican, se le puso, se le puso a, se puso, pusieron, repara, reparan, reparo, repararon, reparada, cura, curan, alivia, alivian, resguarda, sirve contra, sirven contra, vale contra, hay contra, contra las fugas, contra la fuga
rel measured | measured in, measured, ran in, covered by, observed in, seen in, assessed in, evaluated, tested, tested in, measure, covers, cover | medida en, fue medida, fue medido, fueron medidas, fueron medidos, ha sido medida, medidas en, midio, midieron, se midio, se midieron, observada en, observadas en, evaluo, evaluaron, cubre, cubren, probada, probado, mide, miden, medido, medidos
rel mentions | mention, mentions, mentioned, mentioning, talk about, talks about, discuss, discusses, discussed, refer to, refers to, cite, cites, speak of, speaks of, mentioned in, deal with, deals with, cover the topic | menciona, mencionan, mencionada, mencionadas, mencionado, mencionados, habla de, hablan de, hablan del, habla del, trata de, tratan de, tratan sobre, cita, citan, se refiere a, se refieren a, hablan sobre, habla sobre, trata sobre
rel contains | contain, contains, containing, belong, belongs, belong to, belongs to, part of, inside, contained in, include, includes, including, located in, live in, lives in, made of, found in, have, has, having, affect, affects, affected by, affecting, affected, concern, concerns, hit, hits, suffer from, suffers from, suffer, home of, host, hosts, sit in, sits in, sitting in, reside in, resides in | contiene, contienen, pertenece, pertenecen, pertenece a, pertenecen a, parte de, forma parte de, forman parte de, dentro de, incluye, incluyen, ubicada en, ubicadas en, tiene, tienen, con, afecta, afectan, afectada por, afectadas por, sufre, sufren, afectados, afectadas, afectada, afectado, pertenece, albergan, vive en
intent compare | stack up against, stack up, hold up against, measure up against, fare against, compare, compares, comparison, compared, difference, differences, differ, differs, versus, vs, change, changed, changes, contrast, evolve, evolved, evolution, what is different, side by side, diff, diffs, delta, deltas, set against, compared to, compared with, in comparison with, relative to, what is new, what's new, what changed, what has changed | compara, comparar, comparacion, comparada, diferencia, diferencias, difiere, difieren, frente a, cambio, cambiaron, cambios, contrasta, comparame, cambia, evoluciono, comparado, diferente, respecto a, respecto de, en comparacion con, comparado con, comparada con, que cambio, que ha cambiado, diferencias entre, distinto, distinta, distintos, distintas
intent help | what effect, which effect, what impact, effect of, impact of, que efecto, que impacto, efecto de, efecto del, impacto de, impacto del, help, helped, helps, work, worked, works, fixed, pay off, paid off, do anything, make a difference, made a difference, any good, succeed, succeeded, improve things, effective fix, solved, solve, do its job, have any effect, have an effect, reduce, reduced, worth it, paid off, make things better, made things better, do the trick, did the trick, do any good, did any good, worthwhile, succeed in, bring anything, brought anything, make any difference, any use, make it better, better off, successful, success, a success, succeeded | ayudo, ayuda, ayudaron, sirvio, sirve, funciono, funciona, arreglo, soluciono, resolvio, tuvo efecto, tuvo algun efecto, hizo algo, valio la pena, corrigio, redujo, sirvieron, surtio efecto, ha ayudado, ha servido, ha funcionado, ha servido de algo, servir de algo, sirvio de algo, sirvio para algo, surtio efecto, hizo efecto, dio resultado, dio resultados, ha dado resultado, tener efecto, ha tenido efecto, merecio la pena, ha merecido la pena, exito, un exito, tuvo exito, exitoso
change better | better, improved, improve, improvement, improvements, got better, gone, disappeared, resolved, no longer leak, no longer leaks, no longer, stopped leaking, improves, less leaky, repaired, cured, leak less, leaks less, leaking less, leaked less, less leakage, fewer leaks, fewer findings, lower leakage, less leaking, leak no more, leaks no more, anymore, any more, not leak anymore, cleaner, safer, more secure, reduced leakage, lower |t|, was fixed, were fixed, got fixed, eliminated, went away, removed, stopped, cleared up, cleared, silenced, safer, quieter, no more leaks, progress, gained, benefit, benefits, benefited, benefitted, profited, no longer reveal, no longer reveals, no longer expose, healthier, calmer | mejoro, mejoraron, mejora, mejoras, mejoran, mejor, desaparecieron, desaparecio, corregidas, corregidos, dejaron de filtrar, dejo de filtrar, ya no, han mejorado, ha mejorado, resueltas, filtra menos, filtran menos, filtrar menos, fuga menos, fugan menos, revela menos, revelan menos, gotea menos, gotean menos, menos fugas, menos hallazgos, mas segura, mas seguras, mas limpia, mas limpias, eliminadas, eliminada, eliminados, eliminado, se fue, se fueron, se arreglaron, se arreglo, se corrigio, se corrigieron, ha desaparecido, han desaparecido, dejado de filtrar, mejorado, progreso, beneficio, beneficiaron, beneficiado, beneficiadas, salieron ganando, mas tranquila, mas tranquilas
change worse | worse, worsened, got worse, regress, regressed, regression, regressions, new leaks, newly leak, degraded, deteriorated, introduced, leakier, newly leaking, leak more, leaks more, leaking more, leaked more, more leakage, more leaks, higher leakage, leak worse, leaks worse, leak harder, became leaky, turned leaky, newly, newly appeared, appeared, emerged, additional leaks, appear, appears, increased leakage, regressing, made worse, make worse, setback, setbacks, less secure, broke | peor, empeoro, empeoraron, empeoran, regresion, regresiones, nuevas fugas, degradaron, se degrado, introdujo, han empeorado, ha empeorado, filtra mas que, filtran mas que, fuga mas que, mas fugas que, aparecieron, aparecio, surgieron, surgio, regresado, retroceso, retrocesos, retrocedieron, retrocedio, menos segura que, ha introducido, empeorado, ido a peor, fueron a peor, fue a peor, nuevas filtraciones
change unchanged | unchanged, same as before, stayed the same, did not change, didn't change, remained, remain, still leak, still leaks, still leaking, unaltered, no change, not change, remain the same, stay the same, stayed, persist, persists, persisted, still, still there, left, unaffected, not changed, no difference, no different, remaining, are still, is still, left over, left unchanged, leftover, no better, not improved, did not improve, did not help, not fixed, unfixed, unresolved, untouched, as bad as before, even after, despite, in spite of, both before and after, fail to fix, failed to fix, fails to fix, fail to stop, failed to stop, fail to mitigate, could not fix, did not fix, didnt fix, equally, just as much, as much as, same as, the same in both, still open, in both, both builds, not touched, survived | siguen igual, sigue igual, iguales, sin cambios, no cambio, no cambiaron, siguen filtrando, sigue filtrando, todavia filtran, todavia filtra, se mantuvieron, persisten, aun filtran, permanecieron, quedaron igual, sigue, siguen, todavia, aun, continua, continuan, igual, igual que antes, inalterada, inalteradas, inalterado, sin cambiar, intactas, intactos, quedan, queda, a pesar de, pese a, sin arreglar, sin corregir, sin resolver, sin mejorar, no mejoro, no mejoraron, no mejora, no han mejorado, tanto antes como despues, lo mismo que antes, permanece, permanecen, no arreglo, no arreglaron, no soluciono, no corrigio, no logro arreglar, no consiguio arreglar, igual de, por igual, lo mismo, en ambas, ambas builds, en las dos, sin solucionar, como antes, de la misma manera, tal cual
intent why | why, reason, reasons, explain, explanation, how come, root cause, what causes, what caused, cause, causes, what makes, because of what, account for, how does it come, what is behind, what lies behind, what is the matter with, what is wrong with, whats wrong with, such a problem, wrong with, whats wrong, the matter with, the problem with, problem with | por que, razon, razones, explica, explicame, explicacion, causa, causas, motivo, motivos, a que se debe, a que se deben, debido a que, que provoca que, que hace que, como es que, como es posible que, cual es la causa, a causa de que, que tiene de malo, que pasa con, por que motivo, por que razon, que le pasa a, que problema tiene
intent path | path, path from, connection, connections, connection between, relation between, relationship, relationship between, how related, connected, connect, connects, linked, link between, link, related, relate, relates, what connects, tie, ties, way from, tied to, has to do with, have to do with, in common, relation | relacion, relacion entre, conexion, conexion entre, camino, camino de, camino desde, vinculo, vinculo entre, se relaciona, se relacionan, relacionan, relaciona, conecta, conectan, relacionada, relacionadas, relacionado, relacionados, une, enlace entre, que ver con, tiene que ver, en comun, relacionarse
intent around | neighbour, neighbours, neighbor, neighbors, neighbourhood, neighborhood, around, near, nearby, surroundings, surrounding, adjacent, vicinity, close to, connected to, linked to, related to, context of, adjacent to, neighbours of, neighbors of, what surrounds, surrounds, environs, context | vecino, vecina, vecinos, vecinas, vecindad, vecindario, alrededor, alrededores, cerca, cerca de, entorno, conectado a, conectada a, adyacente, adyacentes, relacionado con, relacionada con, relacionadas con, relacionados con, rodea, rodean, contexto de, conectadas a, vecinas, hay alrededor de, alrededor de, inmediaciones, cercanias, al lado de
intent about | about, tell me about, information, details, detail, know about, known about, everything, info, describe, data on, overview, profile of, facts, rundown, lowdown, dossier, brief, briefing, fact sheet, insight, insights, status, state of, picture | acerca de, hablame de, informacion, detalles, detalle, datos, se sabe, sabes, sabemos, describe, ficha, perfil de, todo sobre, cuentame, panorama, estado de, que tal, cuentame de, dossier, a grandes rasgos
ask list | list, show, show me, give, give me, find, display, enumerate, name, identify, return, get, fetch, search for, look up, tell me, report, print, enumerate, retrieve, fetch, output, hand me, point out, pull up, pull, dump | lista, listar, listame, muestra, muestrame, mostrar, dame, encuentra, busca, buscar, enumera, identifica, ensename, nombra, indica, dime, indicame, senala, ensena, decidme, digame, checame, saca, sacame, devuelve, devuelveme, senalame, enumerame, recupera, obten, quiero ver, pasame
ask which | which, what, who, whose, anything, something | que, cual, cuales, quien, quienes, cuyo, cuya, cuyos, cuyas, algo
ask among | which of the, which of these, which one of the, among the, among, amongst, out of the, out of | cual de las, cual de los, de entre las, de entre los
ask how | how | como
ask where | where, whereabouts | donde, en donde
them them | them, those, they, of them, these, that one, its, in it, of it, for it | ellas, ellos, de ellas, de ellos, esas, esos, estas, estos, en ella, de ella, para ella
unit times | times, time, occasions | veces, vez
"""

TOPICS = """
topic masking | masking, boolean masking | enmascaramiento, enmascarar
topic masked | masked | enmascarada, enmascarado, enmascaradas, enmascarados
topic shuffling | shuffling, shuffled, shuffle | barajado, barajada, aleatorizacion del orden, barajar, barajeo, aleatorizacion
topic constant time | constant time, constant timing | tiempo constante
topic hiding | hiding | ocultacion, ocultamiento
topic side channel | side channel, side channels | canal lateral, canales laterales
topic s box | s box, sbox, substitution box | caja s, caja de sustitucion
topic noise | noise | ruido
topic attack | attack, attacks | ataque, ataques
topic mask | mask, masks | mascara, mascaras
topic encryption | encryption, encrypting | cifrado, cifrar, encriptacion
topic decryption | decryption, decrypting | descifrado, descifrar
topic round | round, rounds | ronda, rondas
topic branch | branch, branches | salto, saltos, rama, ramas, bifurcacion
topic loop | loop, loops | bucle, bucles
topic table | table, tables, lookup table | tabla, tablas
topic register | register, registers | registro, registros
topic memory | memory | memoria
topic clock | clock, clocks | reloj
topic sensor | sensor, sensors | sensor, sensores
topic model | model, models | modelo, modelos
topic random | random, randomness | aleatorio, aleatoria, aleatoriedad
topic implementation | implementation, implementations | implementacion, implementaciones
topic analysis | analysis | analisis
topic leakage assessment | leakage assessment | evaluacion de fugas
topic compiler | compiler, optimiser, optimizer | compilador, optimizador
topic hamming weight | hamming weight | peso de hamming
topic hamming distance | hamming distance | distancia de hamming
topic plaintext | plaintext | texto claro, texto plano
topic ciphertext | ciphertext | texto cifrado
topic signal | signal, signals | senal, senales
topic period | period, periods | periodo, periodos
topic recommendation | recommend, recommended, recommendation, recommendations | recomienda, recomendada, recomendacion, recomendaciones
topic protect against | prevent, prevents, avoid | evitar, evita, prevenir, previene
"""

_STOP_WORDS = """
vienen viene run runs ran recovered recovers recupero recuperados recuperada algo aun todavia queda quedan hemos acaso
the a an of in on at to from with for and or is are was were be been being do does did has had have that
this these those it its their there then than as into during so such some any all every both either we i you
me my us our your can could would should will may might must please also but if via out off up down just too
very only really actually currently now ever yet already still got get gets getting go goes going make makes
made kind sort value values level levels degree present exist exists existing occur occurs happen happens
happened found observed seen known recorded reported detected show shows shown having being s t re ve ll d
hello hi thanks thank tell want need know see like let following given whose who whom while when where which
what how same different main part parts thing things ones one other another used using use uses through
within against regarding concerning respect across reach reaches reaching reached hits average's come comes
came put far own per side data set code program there's called named name id identifier ids identifiers
number behind lie lies lying order sorted ranked rank ranking mean anything something system device whole
entire complete corpus database graph farm far el la los las lo un una unos unas de del al en con por para y
e o u es son era eran fue fueron ser sido esta estan estaba hay habia ha han haya hayan que se su sus le les
me mi mis te tu tus nos este estos esa ese esos aquel aquella aquellas aquellos muy ya si tambien pero como
cuando donde mientras ambos ambas todo todos toda todas cada alguna algunas alguno algunos algun otro otra
otros otras mismo misma mismas mismos solo solamente tal tales favor gracias hola quiero necesito saber ver
puedes puede pueden podrias podria debe valor valores nivel niveles existe existen existentes aparece
aparecen encontrado encontrada encontradas encontrados conocidas conocidos tuvo tuvieron tenga tengan hace
hacen hizo hicieron usando usa usan utiliza utilizan durante contra sobre segun desde hasta entre tras llega
llegan alcanza alcanzan llamada llamado nombre identificador parte cosas cosa sea sean respecto base sistema
dispositivo codigo programa datos conjunto orden ordenadas ordenados igualmente actualmente ahora bien uno
dos mas menos no ni registrada registradas registrado registrados detectada detectadas detectado detectados
demas siendo estado obtuvo obtuvieron gustaria quisiera decirme decir tried attempted available far oye porfa pls please
algun quick hurry lol thx cheers nomas vale retain keep drop sure seguro segura usted ustedes certain confirm verify check ok okay ci qa fyi asap btw api pcb soc mcu dpa sca iot encontraron encontro hallaron hallo descubrieron descubrio descubierto descubierta descubiertas descubiertos discovered uncovered uncover unveiled turned identified listed
"""
STOP = frozenset(_STOP_WORDS.split())
_ORDINARY_WORDS = """
beside chance closer decide done exact flag form means nearly plan plus quiet safe scope send sent series serve shape
sharp sign simple small smart stage stick store though three trade write call calls gram grams chip chips touch watch
casa cierto comparte crear cuarto ella estar exceso gramo gramos junto largo lleva luego papel pensar pesa placa poder
poner primero puerta salir sola suelo suele termina varios
"""
ORDINARY = frozenset(_ORDINARY_WORDS.split())
"""Words that look like misspelt ones of ours and are not."""
