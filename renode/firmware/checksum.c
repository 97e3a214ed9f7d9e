/* A loop whose length is an input: constant time, as the length is public, though no two lengths take as long. */

#include <stdint.h>

uint8_t chk_data[32];
uint8_t chk_length;
uint32_t chk_result;

void checksum(void);

__attribute__((noinline)) void checksum(void)
{
	const unsigned length = chk_length % (sizeof(chk_data) + 1);
	uint32_t sum = 0x1d0f;

	for (unsigned i = 0; i < length; i++)
		sum = ((sum << 5) | (sum >> 27)) ^ chk_data[i];
	chk_result = sum;
}

int main(void)
{
	for (;;)
		checksum();
}
