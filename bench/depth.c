/* A path of any length: AES-128 of one block again and again. What is sampled lies between `begun` and `finished`. */

#define PART_OF_A_PROGRAM
#include "../renode/firmware/aes128.c"

void depth(uint32_t before, uint32_t blocks);
void begun(void);
void finished(void);

__attribute__((noinline)) void begun(void)
{
	__asm__ volatile("");
}

__attribute__((noinline)) void finished(void)
{
	__asm__ volatile("" ::: "memory");
}

__attribute__((noinline)) void depth(uint32_t before, uint32_t blocks)
{
	for (uint32_t i = 0; i < before; i++)
		aes128_encrypt();
	begun();
	for (uint32_t i = 0; i < blocks; i++)
		aes128_encrypt();
	finished();
}

int main(void)
{
	for (;;)
		depth(0, 1);
}
