/* Rounding division of a secret by a public number, as when a lattice scheme compresses a coefficient. One path for every
 * input and no secret address, and still not constant time: the core's division ends early for small quotients. */

#include <stdint.h>

uint32_t quo_value;
uint32_t quo_divisor;
uint32_t quo_result;

void quotient_leaky(void);

__attribute__((noinline)) void quotient_leaky(void)
{
	const uint32_t divisor = quo_divisor | 1;

	quo_result = (quo_value & 0x7fffffff) / divisor;
}

int main(void)
{
	for (;;)
		quotient_leaky();
}
