/* The same quotient without the division instruction: one bit after the other, each chosen by a borrow. */

#include <stdint.h>

uint32_t quo_value;
uint32_t quo_divisor;
uint32_t quo_result;

void quotient_ct(void);

__attribute__((noinline)) void quotient_ct(void)
{
	const uint32_t value = quo_value & 0x7fffffff;
	const uint32_t divisor = quo_divisor | 1;
	uint64_t remainder = 0;
	uint32_t quotient = 0;

	for (unsigned bit = 31; bit > 0; bit--) {
		remainder = (remainder << 1) | ((value >> (bit - 1)) & 1);
		const uint64_t less = remainder - divisor;
		uint32_t fits = (uint32_t)(less >> 63) - 1;

		/* A compiler that knew this to be all ones or none could make a branch of it. */
		__asm__ volatile("" : "+r"(fits));
		remainder -= divisor & fits;
		quotient = (quotient << 1) | (fits & 1);
	}
	quo_result = quotient;
}

int main(void)
{
	for (;;)
		quotient_ct();
}
