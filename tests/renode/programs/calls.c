/* Ways to be called, and state that must not last from one execution to the next. */
#include <stdint.h>

uint8_t buffer[16];
const uint8_t table[16] = {1, 2, 3};
static uint32_t counter = 7;
static uint32_t scribbles[64];

uint32_t add(const uint8_t *a, const uint8_t *b, uint32_t n)
{
	uint32_t sum = 0;

	for (uint32_t i = 0; i < n; i++)
		sum += (uint32_t)a[i] << 8 | b[i];
	return sum;
}

void invert(const uint8_t *in, uint8_t *out)
{
	for (int i = 0; i < 16; i++)
		out[i] = (uint8_t)~in[i];
}

void set_up(void)
{
	counter = 40;
}

void bad_setup(void)
{
	*(volatile uint32_t *)0x40000000 = 1;
}

/* Leave traces in .data, .bss, the input itself and the stack; return what an earlier execution would have changed. */
__attribute__((noinline)) static uint32_t deep(volatile uint32_t *below)
{
	volatile uint32_t frame[64];
	uint32_t seen = 0;

	for (int i = 0; i < 64; i++)
		seen += frame[i];
	for (int i = 0; i < 64; i++)
		frame[i] = *below + (uint32_t)i;
	return seen;
}

uint32_t scribble(void)
{
	uint32_t seen = counter;

	for (int i = 0; i < 64; i++)
		seen += scribbles[i];
	seen += deep(&counter);
	for (int i = 0; i < 64; i++)
		scribbles[i] = buffer[i & 15] + 1u;
	counter += buffer[0] + 1u;
	for (int i = 0; i < 16; i++)
		buffer[i] ^= 0xff;
	return seen;
}

/* A path that depends on the input. */
uint32_t loop(void)
{
	volatile uint32_t sum = 0;

	for (uint32_t i = 0; i < buffer[0]; i++)
		sum += i;
	return sum;
}
