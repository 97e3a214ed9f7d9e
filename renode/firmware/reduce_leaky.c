/* The last step of a modular multiplication, done as it is written in books: subtract the modulus where the value is
 * not below it. The comparison stops at the first word that differs, and the subtraction is left out where it is not
 * needed, so the duration tells about the value. */

#include <stdint.h>

#define WORDS 4

/* Numbers of 128 bits, the least significant word first. */
uint32_t red_value[WORDS];
uint32_t red_modulus[WORDS];
uint32_t red_result[WORDS];

void reduce_leaky(void);

__attribute__((noinline)) static int below_modulus(void)
{
	for (unsigned i = WORDS; i > 0; i--)
		if (red_value[i - 1] != red_modulus[i - 1])
			return red_value[i - 1] < red_modulus[i - 1];
	return 0;
}

__attribute__((noinline)) static void subtract_modulus(void)
{
	uint32_t borrow = 0;

	for (unsigned i = 0; i < WORDS; i++) {
		const uint64_t difference = (uint64_t)red_value[i] - red_modulus[i] - borrow;

		red_result[i] = (uint32_t)difference;
		borrow = (uint32_t)(difference >> 32) & 1;
	}
}

__attribute__((noinline)) void reduce_leaky(void)
{
	for (unsigned i = 0; i < WORDS; i++)
		red_result[i] = red_value[i];
	if (!below_modulus())
		subtract_modulus();
}

int main(void)
{
	for (;;)
		reduce_leaky();
}
