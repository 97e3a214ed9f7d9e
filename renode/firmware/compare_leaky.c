/* The compare that leaks: it stops at the first byte that differs, so that its duration counts the bytes of the
 * guess that are right. */

#include <stdint.h>

uint8_t cmp_input[16];
uint8_t cmp_secret[16];
uint8_t cmp_result;

void compare_leaky(void);

__attribute__((noinline)) void compare_leaky(void)
{
	cmp_result = 0;
	for (unsigned i = 0; i < sizeof(cmp_secret); i++)
		if (cmp_input[i] != cmp_secret[i])
			return;
	cmp_result = 1;
}

int main(void)
{
	for (;;)
		compare_leaky();
}
