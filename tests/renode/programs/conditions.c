/* What a secret may decide without a branch, or without an execution that shows it: a function each. */

#include <stdint.h>

uint32_t word, other, result[2];
const uint32_t table[16] = {3, 1, 4, 1, 5, 9, 2, 6, 5, 3, 5, 8, 9, 7, 9, 3};

#define UNDER_BIT_0(name, of, instruction)                                                                                 \
	__attribute__((noinline)) void name(void)                                                                      \
	{                                                                                                              \
		uint32_t value = 1;                                                                                    \
		__asm__ volatile("lsls r3, %1, #31\n\tit mi\n\t" instruction                                          \
				 : "+&r"(value)                                                                        \
				 : "r"(of), "r"(result), "r"(7)                                                \
				 : "r3", "cc", "memory");                                                              \
		result[0] = value;                                                                                     \
	}

UNDER_BIT_0(divides, word, "udivmi %0, %2, %3")
UNDER_BIT_0(divides_masked, word ^ other, "udivmi %0, %2, %3")
UNDER_BIT_0(loads, word, "ldrmi %0, [%2, #4]")
UNDER_BIT_0(stores, word, "strmi %3, [%2, #4]")
UNDER_BIT_0(multiplies, word, "mulmi %0, %2, %3")
UNDER_BIT_0(moves, word, "movmi %0, %3")

/* A word that lies across two takes the bus two accesses and more: at an index times 4 none does. */
__attribute__((noinline)) void crosses(void)
{
	const uint8_t *from = (const uint8_t *)table + (word & 7);

	__asm__ volatile("ldr %0, [%1]" : "=r"(result[0]) : "r"(from));
}

__attribute__((noinline)) void indexes(void)
{
	result[0] = table[word & 7];
}

/* One secret in four billion goes the other way. */
__attribute__((noinline)) void meets_a_number(void)
{
	result[0] = 1;
	if (word == 0xdeadbeef)
		for (volatile unsigned i = 0; i < 9; i++)
			;
}

__attribute__((noinline)) void strays(void)
{
	if (word & 1)
		result[0] = *(volatile uint32_t *)0x70000000;
	result[1] = 1;
}

void start(void)
{
	divides();
	divides_masked();
	loads();
	stores();
	multiplies();
	moves();
	crosses();
	indexes();
	meets_a_number();
	strays();
}
