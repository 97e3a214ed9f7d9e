"""What documents of this field speak of: names, their forms in English and Spanish, and one line about each.

A form in capitals is looked for in capitals; any other form in any case, with and without accents, and in the plural.
"""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Term:
    """A thing with its one name."""

    name: str
    type: str
    description: str
    forms: tuple[str, ...]
    """Besides the name."""


def _terms(kind: str, *rows: tuple[str, str, str]) -> tuple[Term, ...]:
    return tuple(
        Term(name, kind, description, tuple(form.strip() for form in forms.split(",") if form.strip()))
        for name, description, forms in rows
    )


# fmt: off
ALGORITHMS = _terms(
    "algorithm",
    ("AES", "Block cipher over 16-byte blocks with keys of 128, 192 or 256 bits.", "aes, rijndael"),
    ("AES-128", "AES with a key of 128 bits and ten rounds.", "aes 128, aes128"),
    ("AES-256", "AES with a key of 256 bits and fourteen rounds.", "aes 256, aes256"),
    ("DES", "Block cipher with a key of 56 bits, no longer safe.", "data encryption standard"),
    ("Triple DES", "DES applied three times.", "3DES, TDES"),
    ("PRESENT", "Light block cipher with 64-bit blocks.", "PRESENT-80"),
    ("ChaCha20", "Stream cipher made of additions, rotations and exclusive ors.", "chacha20, chacha"),
    ("Ascon", "Light authenticated cipher over a sponge.", "ascon"),
    ("SHA-256", "Hash function with a digest of 256 bits.", "sha256, sha 256, SHA-2"),
    ("Keccak", "Permutation behind SHA-3.", "SHA-3, SHA3, keccak"),
    ("HMAC", "Message authentication code made from a hash function.", "hmac"),
    ("RSA", "Public-key scheme over products of two primes.", "rsa"),
    ("ECC", "Public-key schemes over elliptic curves.", "elliptic curve cryptography, criptografía de curva elíptica"),
    ("ECDSA", "Signature scheme over elliptic curves.", "ecdsa"),
    ("Curve25519", "Elliptic curve for key agreement.", "curve25519, X25519"),
    ("ML-KEM", "Lattice-based key encapsulation, formerly Kyber.", "kyber"),
    ("ML-DSA", "Lattice-based signature, formerly Dilithium.", "dilithium"),
    ("AES-GCM", "Authenticated mode of AES.", "aes gcm"),
    ("S-box", "Nonlinear substitution of a cipher, the usual target of an attack.", "sbox, substitution box, caja s"),
    ("SubBytes", "Step of AES that replaces each byte by the S-box.", "subbytes, sub bytes"),
    ("ShiftRows", "Step of AES that moves the bytes of a row.", "shiftrows, shift rows"),
    ("MixColumns", "Step of AES that mixes the bytes of a column.", "mixcolumns, mix columns"),
    ("AddRoundKey", "Step of AES that combines the state with a round key.", "addroundkey, add round key"),
    ("key schedule", "Derivation of round keys from the key.", "key expansion, expansión de clave, expansión de la clave"),
    ("modular exponentiation", "Power modulo a number, the core of RSA.", "exponenciación modular"),
    ("scalar multiplication", "Multiple of a point of a curve, the core of ECC.", "multiplicación escalar"),
)
COUNTERMEASURES = _terms(
    "countermeasure",
    ("masking", "Splits every secret into random shares.", "boolean masking, enmascaramiento, enmascaramiento booleano"),
    ("first-order masking", "Masking with two shares.", "enmascaramiento de primer orden"),
    ("higher-order masking", "Masking with three or more shares.", "enmascaramiento de orden superior"),
    ("threshold implementation", "Masking that tolerates glitches.", "implementación umbral"),
    ("domain-oriented masking", "Masking in hardware with shares kept in domains.", "DOM masking"),
    ("shuffling", "Runs independent operations in random order.", "barajado, operation shuffling"),
    ("hiding", "Makes power consumption independent of the data.", "ocultamiento, ocultación"),
    ("blinding", "Randomises the operand of a public-key operation.", "cegado, message blinding, exponent blinding"),
    ("random delay", "Waits of random length that misalign traces.", "random delays, retardo aleatorio, retardos aleatorios"),
    ("dummy operation", "Work whose result is thrown away.", "dummy operations, operación ficticia, operaciones ficticias"),
    ("dual-rail logic", "Logic in which every bit has its complement beside it.", "WDDL, lógica de doble carril"),
    ("constant-time code", "Code whose time does not depend on secrets.", "constant time, constant time implementation, tiempo constante"),
    ("noise generator", "Adds noise to the power consumption.", "noise generation, generador de ruido"),
    ("clock jitter", "Varies the clock to misalign traces.", "jitter, fluctuación del reloj"),
    ("table recomputation", "Makes the S-box anew under a fresh mask.", "recálculo de tabla, recomputed table"),
    ("secret sharing", "Splits a value so that only all shares give it back.", "compartición de secretos"),
    ("redundant computation", "Computes twice to detect faults.", "cómputo redundante, double computation"),
)
ATTACKS = _terms(
    "attack",
    ("side-channel attack", "Finds secrets from what a device emits.", "side channel analysis, SCA, ataque de canal lateral, ataques de canal lateral, análisis de canal lateral"),
    ("simple power analysis", "Reads secrets from single traces.", "SPA, análisis simple de potencia"),
    ("differential power analysis", "Compares means of traces split by a predicted bit.", "DPA, análisis diferencial de potencia"),
    ("correlation power analysis", "Correlates predicted with measured power.", "CPA, correlation attack, análisis de correlación de potencia, ataque de correlación"),
    ("template attack", "Classifies traces by profiles learnt on a like device.", "template attacks, ataque de plantillas, ataques de plantilla, ataque por plantillas"),
    ("profiled attack", "Attack that learns on a device of the attacker first.", "profiling attack, ataque perfilado"),
    ("higher-order attack", "Combines several samples to defeat masking.", "second order attack, ataque de orden superior, ataque de segundo orden"),
    ("mutual information analysis", "Attack by mutual information instead of correlation.", "MIA, análisis de información mutua"),
    ("timing attack", "Finds secrets from how long operations take.", "ataque de tiempo, ataque temporal"),
    ("cache attack", "Finds secrets from which lines of a cache were used.", "ataque de caché"),
    ("fault injection", "Disturbs a device so that it computes wrongly.", "fault attack, inyección de fallos, ataque por fallos"),
    ("differential fault analysis", "Finds keys by comparing right and faulty results.", "DFA, análisis diferencial de fallos"),
    ("voltage glitching", "Fault injection by short drops of the supply.", "voltage glitch, glitch de tensión"),
    ("clock glitching", "Fault injection by irregular clock edges.", "clock glitch, glitch de reloj"),
    ("electromagnetic analysis", "Side-channel attack on electromagnetic emission.", "EM analysis, DEMA, CEMA, análisis electromagnético"),
    ("deep learning attack", "Profiled attack with neural networks.", "ataque de aprendizaje profundo"),
    ("algebraic attack", "Solves a cipher as a system of equations.", "ataque algebraico"),
    ("meet-in-the-middle attack", "Trades memory for time from both ends.", "meet in the middle"),
)
LEAKAGE_MODELS = _terms(
    "leakage model",
    ("Hamming weight", "Number of bits that are one.", "peso de hamming, peso hamming"),
    ("Hamming distance", "Number of bits that change.", "distancia de hamming, distancia hamming"),
    ("identity leakage model", "Leakage that is the value itself.", "identity model, modelo de identidad"),
    ("switching activity", "Bits that toggle in one cycle.", "actividad de conmutación, toggle count"),
    ("leakage", "Dependence of what a device emits on what it computes.", "information leakage, fuga de información, fugas de información, filtración de información"),
    ("power consumption", "Power that a device draws over time.", "consumo de potencia, consumo energético, consumo eléctrico"),
    ("transition leakage", "Leakage of two values that follow each other in one place.", "fuga por transición"),
    ("glitch", "Transient value of combinational logic.", "glitches"),
)
STATISTICS = _terms(
    "statistic",
    ("t-test", "Test whether two means differ.", "student's t test, welch's t test, t test, prueba t, test t"),
    ("TVLA", "Leakage assessment by t-tests of fixed against random inputs.", "test vector leakage assessment, fixed versus random test, fixed vs random"),
    ("signal-to-noise ratio", "Variance of the signal over that of the noise.", "SNR, relación señal a ruido, relación señal ruido"),
    ("Pearson correlation", "Linear dependence between two variables.", "correlation coefficient, coeficiente de correlación, correlación de pearson"),
    ("mutual information", "What one variable tells about another, in bits.", "información mutua"),
    ("guessing entropy", "Mean rank of the right key.", "entropía de adivinación"),
    ("success rate", "Share of attacks that find the key.", "tasa de éxito"),
    ("key rank", "Position of the right key among all guesses.", "rango de la clave"),
    ("measurements to disclosure", "Traces needed until the key is found.", "MTD, traces to disclosure"),
    ("p-value", "Probability of a statistic as extreme by chance.", "valor p, p valor"),
    ("confidence interval", "Range that holds the true value with a given probability.", "intervalo de confianza"),
    ("standard deviation", "Spread of values around their mean.", "desviación estándar, desviación típica"),
    ("variance", "Mean square distance from the mean.", "varianza"),
    ("covariance", "Joint variation of two variables.", "covarianza"),
    ("principal component analysis", "Directions of the largest variance.", "PCA, análisis de componentes principales"),
    ("linear discriminant analysis", "Directions that separate classes best.", "LDA, análisis discriminante lineal"),
    ("Bonferroni correction", "Stricter threshold for many tests at once.", "corrección de bonferroni"),
)
INSTRUCTIONS = _terms(
    "instruction",
    *(
        (name, f"ARM instruction: {what}.", "")
        for name, what in (
            pair.split(" ", 1)
            for pair in ["LDR load word", "LDRB load byte", "LDRH load half-word", "LDRD load two words", "LDM load several registers", "STR store word", "STRB store byte", "STRH store half-word", "STRD store two words", "STM store several registers", "PUSH store registers on the stack", "POP load registers from the stack", "MOV copy", "MOVS copy and set flags", "MOVW load the low half", "MOVT load the high half", "MVN copy inverted", "ADDS add and set flags", "SUBS subtract and set flags", "RSB reverse subtract", "MUL multiply", "MULS multiply and set flags", "UMULL multiply to 64 bits", "MLA multiply and add", "UDIV divide unsigned", "SDIV divide signed", "ANDS and, set flags", "EOR exclusive or", "EORS exclusive or, set flags", "ORR or", "ORRS or, set flags", "BIC clear bits", "LSL shift left", "LSLS shift left and set flags", "LSR shift right", "LSRS shift right, set flags", "ASR arithmetic shift right", "ROR rotate right", "UXTB extend a byte", "UXTH extend a half-word", "SXTB extend a signed byte", "REV reverse bytes", "CMP compare", "CMN compare negative", "TST test bits", "BNE branch if not equal", "BEQ branch if equal", "BLX call by register", "BX branch by register", "CBZ branch if zero", "CBNZ branch if not zero", "UBFX extract a bit field", "BFI insert a bit field", "NOP no operation", "DSB wait for memory", "ISB flush the pipeline", "DMB order memory", "WFI wait for an interrupt", "SVC supervisor call", "BKPT break point", "CPSID disable interrupts", "CPSIE enable interrupts"]
        )
    ),
)
COMPONENTS = _terms(
    "component",
    ("Cortex-M0", "ARMv6-M processor core.", "cortex m0"),
    ("Cortex-M0+", "ARMv6-M processor core with a two-stage pipeline.", ""),
    ("Cortex-M3", "ARMv7-M processor core.", "cortex m3"),
    ("Cortex-M4", "ARMv7E-M processor core.", "cortex m4"),
    ("Cortex-M7", "ARMv7E-M processor core with two issue slots.", "cortex m7"),
    ("ARMv6-M", "Instruction set of the smallest ARM cores.", "armv6 m"),
    ("ARMv7-M", "Instruction set of the middle ARM cores.", "armv7 m"),
    ("pipeline", "Stages through which instructions pass.", "segmentación del procesador"),
    ("barrel shifter", "Shifts by any distance in one cycle.", "desplazador de barril"),
    ("register file", "Registers of a processor.", "banco de registros"),
    ("program counter", "Address of the next instruction.", "contador de programa"),
    ("stack pointer", "Address of the top of the stack.", "puntero de pila"),
    ("link register", "Address to return to.", "registro de enlace"),
    ("ALU", "Arithmetic and logic unit.", "arithmetic logic unit, unidad aritmético lógica"),
    ("flash memory", "Non-volatile memory for code.", "memoria flash"),
    ("SRAM", "Volatile memory for data.", "static ram, memoria estática"),
    ("memory bus", "Wires between processor and memory.", "bus de memoria, data bus, bus de datos"),
    ("microcontroller", "Processor, memory and peripherals in one chip.", "microcontrolador, MCU"),
    ("FPGA", "Chip whose logic is configured.", "field programmable gate array"),
    ("secure element", "Chip made to keep secrets.", "elemento seguro"),
    ("firmware", "Program that a device runs.", "firmwares"),
    ("bootloader", "Program that starts the firmware.", "cargador de arranque, secure boot, arranque seguro"),
    ("Renode", "Simulator of embedded systems.", "renode"),
    ("Unicorn", "Emulator of processor cores.", "unicorn engine"),
)
PERIPHERALS = _terms(
    "peripheral",
    ("UART", "Serial port.", "USART"),
    ("SPI", "Serial bus with a clock.", "SPI bus, bus SPI"),
    ("I2C", "Serial bus with two wires.", "bus I2C, I2C bus"),
    ("GPIO", "Pins for general use.", ""),
    ("ADC", "Converter from voltage to numbers.", "analog to digital converter, convertidor analógico digital"),
    ("DMA", "Copies memory without the processor.", "direct memory access, acceso directo a memoria"),
    ("NVIC", "Interrupt controller of ARM cores.", "interrupt controller, controlador de interrupciones"),
    ("SysTick", "Timer of ARM cores.", "systick"),
    ("MPU", "Memory protection unit.", "memory protection unit, unidad de protección de memoria"),
    ("TRNG", "Source of random bits from physics.", "true random number generator, generador de números aleatorios"),
    ("watchdog", "Timer that resets a device that hangs.", "perro guardián"),
    ("JTAG", "Port for debugging and test.", ""),
    ("SWD", "Debug port of ARM cores with two wires.", "serial wire debug"),
    ("crypto accelerator", "Hardware that computes ciphers.", "hardware accelerator, acelerador criptográfico"),
    ("DWT", "Unit of ARM cores that counts cycles.", "cycle counter, contador de ciclos"),
)
INSTRUMENTS = _terms(
    "instrument",
    ("oscilloscope", "Records voltages over time.", "osciloscopio"),
    ("shunt resistor", "Turns a current into a voltage.", "resistencia shunt, resistencia de derivación, current shunt"),
    ("current probe", "Measures a current.", "sonda de corriente"),
    ("electromagnetic probe", "Measures the near field.", "EM probe, near field probe, sonda electromagnética"),
    ("differential probe", "Measures between two points.", "sonda diferencial"),
    ("ChipWhisperer", "Open platform for power analysis and glitching.", "chipwhisperer"),
    ("INA219", "Sensor of current and power on an I2C bus.", ""),
    ("low-noise amplifier", "Amplifies small signals.", "LNA, amplificador de bajo ruido"),
    ("power trace", "Power over time while a device computes.", "traza de potencia, trazas de potencia, traza de consumo"),
    ("trigger signal", "Marks where a trace begins.", "señal de disparo"),
    ("sampling rate", "Samples in a second.", "sample rate, frecuencia de muestreo, tasa de muestreo"),
    ("trace alignment", "Shifts traces so that the same work lies at the same place.", "alineación de trazas, alineamiento de trazas"),
    ("spectrum analyser", "Shows power over frequency.", "spectrum analyzer, analizador de espectro"),
)
SECRETS = _terms(
    "secret",
    ("secret key", "Key that must not be known to others.", "clave secreta, cipher key, encryption key, clave de cifrado"),
    ("private key", "Secret half of a key pair.", "clave privada"),
    ("round key", "Key of one round of a cipher.", "clave de ronda, subkey, subclave"),
    ("session key", "Key of one conversation.", "clave de sesión"),
    ("key byte", "One byte of a key, guessed by itself.", "byte de clave, byte de la clave, bytes de la clave"),
    ("nonce", "Number used once.", ""),
    ("mask", "Random value that hides another.", "máscara, random mask, máscara aleatoria"),
    ("plaintext", "What is to be encrypted.", "texto plano, texto claro, texto en claro"),
    ("ciphertext", "What was encrypted.", "texto cifrado"),
    ("intermediate value", "Value that a cipher holds on its way.", "valor intermedio, sensitive value, valor sensible"),
    ("PIN", "Short number that a person knows.", "pin code, código pin"),
    ("random number", "Number that nobody can predict.", "número aleatorio, randomness, aleatoriedad"),
)
TERMS = (
    *ALGORITHMS, *COUNTERMEASURES, *ATTACKS, *LEAKAGE_MODELS, *STATISTICS, *INSTRUCTIONS, *COMPONENTS, *PERIPHERALS,
    *INSTRUMENTS, *SECRETS,
)  # fmt: skip
