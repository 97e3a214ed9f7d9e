/* The same reduction in constant time: the modulus is always subtracted, and the borrow that is left over chooses
 * between the value and the difference, word by word and without a branch. */

#include <stdint.h>

#define WORDS 4

/* Numbers of 128 bits, the least significant word first. */
uint32_t red_value[WORDS];
uint32_t red_modulus[WORDS];
uint32_t red_result[WORDS];

void reduce_ct(void);

__attribute__((noinline)) static uint32_t subtract_modulus(void)
{
	uint32_t borrow = 0;

	for (unsigned i = 0; i < WORDS; i++) {
		const uint64_t difference = (uint64_t)red_value[i] - red_modulus[i] - borrow;

		red_result[i] = (uint32_t)difference;
		borrow = (uint32_t)(difference >> 32) & 1;
	}
	return borrow;
}

__attribute__((noinline)) void reduce_ct(void)
{
	uint32_t keep = 0 - subtract_modulus();

	/* A compiler that knew this to be all ones or none could make a branch of it. */
	__asm__ volatile("" : "+r"(keep));
	for (unsigned i = 0; i < WORDS; i++)
		red_result[i] ^= (red_result[i] ^ red_value[i]) & keep;
}

int main(void)
{
	for (;;)
		reduce_ct();
}
