/* A path of any length: AES-128 of one block again and again. What is sampled begins with the first block and ends with
 * `finished`. */

#define PART_OF_A_PROGRAM
#include "../renode/firmware/aes128.c"

void depth(uint32_t blocks);
void finished(void);

__attribute__((noinline)) void finished(void)
{
	__asm__ volatile("");
}

__attribute__((noinline)) void depth(uint32_t blocks)
{
	for (uint32_t i = 0; i < blocks; i++)
		aes128_encrypt();
	finished();
}

int main(void)
{
	for (;;)
		depth(1);
}
