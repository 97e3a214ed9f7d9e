/* What runs between reset and main: the vector table, the reset handler, and the two functions that a compiler
 * may call without being asked to. A simulator that enters a program by its symbol runs none of this. */

#include <stddef.h>
#include <stdint.h>

extern uint32_t stack_top, data_start, data_end, data_load, bss_start, bss_end;

int main(void);
void reset_handler(void);
void fault_handler(void);
void *memcpy(void *restrict to, const void *restrict from, size_t length);
void *memset(void *to, int value, size_t length);

/* The first words of flash: the initial stack pointer, then the handlers of reset, NMI and hard fault (Armv6-M). */
__attribute__((used, section(".vectors"))) static const uintptr_t vectors[] = {
	(uintptr_t)&stack_top,
	(uintptr_t)reset_handler,
	(uintptr_t)fault_handler,
	(uintptr_t)fault_handler,
};

__attribute__((used)) void reset_handler(void)
{
	const uint32_t *from = &data_load;

	for (uint32_t *to = &data_start; to < &data_end; to++)
		*to = *from++;
	for (uint32_t *to = &bss_start; to < &bss_end; to++)
		*to = 0;
	main();
	fault_handler();
}

void fault_handler(void)
{
	for (;;)
		__asm__ volatile("");
}

__attribute__((used)) void *memcpy(void *restrict to, const void *restrict from, size_t length)
{
	const uint8_t *source = from;

	for (uint8_t *byte = to; length > 0; length--)
		*byte++ = *source++;
	return to;
}

__attribute__((used)) void *memset(void *to, int value, size_t length)
{
	for (uint8_t *byte = to; length > 0; length--)
		*byte++ = (uint8_t)value;
	return to;
}
