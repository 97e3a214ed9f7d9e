/* The compare that takes the same path for every input: it gathers the differences of all bytes and turns them into
 * the result without a branch. Its duration says nothing. Its power does, as that of any program that handles a
 * secret in the clear; the two functions that do so hold no branch, so that a campaign about time can declare them
 * public and still see every decision of the loop around them. */

#include <stdint.h>

uint8_t cmp_input[16];
uint8_t cmp_secret[16];
uint8_t cmp_result;

void compare_ct(void);

__attribute__((noinline)) static uint32_t gather(uint32_t difference, unsigned i)
{
	return difference | (uint32_t)(cmp_input[i] ^ cmp_secret[i]);
}

/* 0 - 1 borrows from the upper bits, and 1..255 minus 1 does not. */
__attribute__((noinline)) static void decide(uint32_t difference)
{
	cmp_result = (uint8_t)((difference - 1) >> 31);
}

__attribute__((noinline)) void compare_ct(void)
{
	uint32_t difference = 0;

	for (unsigned i = 0; i < sizeof(cmp_secret); i++) {
		difference = gather(difference, i);
		/* A compiler that saw through the calls could leave the loop once every bit is set. */
		__asm__ volatile("" : "+r"(difference));
	}
	decide(difference);
}

int main(void)
{
	for (;;)
		compare_ct();
}
