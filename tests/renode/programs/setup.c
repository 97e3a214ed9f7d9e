/* A function that has to run before the entry, and one that never returns. */

#include <stdint.h>

uint32_t x, y;
static uint32_t table[16];

void prepare(void)
{
	for (uint32_t i = 0; i < 16; i++)
		table[i] += 3 * i + 1;
}

void forever(void)
{
	for (;;)
		__asm__ volatile("");
}

void entry(void)
{
	y = table[x & 15] ^ x;
	table[x & 15] = 0;
}
