/* A little of everything a compiler emits: bytes, halves, words, double words, tables, division, calls, branches. */
#include <stdint.h>

#if defined(__ARM_ARCH_7EM__)
typedef uint64_t wide_t;
#else
typedef uint32_t wide_t; /* a Cortex-M0 would call a library for more */
#endif

uint8_t buffer[16];
uint8_t result[32];

struct record {
	uint8_t byte;
	uint16_t half;
	int8_t signed_byte;
	int16_t signed_half;
	uint32_t word;
	wide_t wide;
};

static struct record records[4];

static uint32_t rotate(uint32_t x, unsigned n)
{
	return x << (n & 31) | x >> (-n & 31);
}

__attribute__((noinline)) static uint32_t choose(uint32_t which, uint32_t x)
{
	switch (which & 7) {
	case 0: return x + 1;
	case 1: return x ^ 0x5a5a5a5a;
	case 2: return rotate(x, 7);
	case 3: return x * 2654435761u;
	case 4: return x - (x >> 3);
	case 5: return ~x;
	case 6: return x | 1;
	default: return x & 0xffff00ff;
	}
}

__attribute__((noinline)) static void sort(uint8_t *bytes, int n)
{
	for (int i = 1; i < n; i++)
		for (int j = i; j > 0 && bytes[j - 1] > bytes[j]; j--) {
			uint8_t held = bytes[j];

			bytes[j] = bytes[j - 1];
			bytes[j - 1] = held;
		}
}

__attribute__((noinline)) static wide_t accumulate(const uint8_t *bytes)
{
	wide_t sum = (wide_t)0x0123456789abcdefu;

	for (int i = 0; i < 4; i++) {
		uint32_t word;

		__builtin_memcpy(&word, bytes + 4 * i, 4);
		sum = sum * (wide_t)6364136223846793005u + word;
		sum ^= sum >> 13;
#if defined(__ARM_ARCH_7EM__)
		sum += (uint64_t)((int64_t)(int32_t)word * (int32_t)(word >> 3));
#endif
	}
	return sum;
}

#if defined(__ARM_ARCH_7EM__)
static uint32_t divide(uint32_t a, uint32_t b)
{
	return a / b + a % b + (uint32_t)((int32_t)a / (int32_t)(b | 1));
}
#else
static uint32_t divide(uint32_t a, uint32_t b)
{
	return a - b;
}
#endif

uint32_t mix(void)
{
	uint32_t x = 1;
	wide_t wide;

	for (int i = 0; i < 16; i++)
		x = choose(buffer[i], x + buffer[i]);
	for (int i = 0; i < 4; i++) {
		struct record *r = &records[i];

		r->byte = buffer[i];
		r->half = (uint16_t)(buffer[i + 4] << 8 | buffer[i]);
		r->signed_byte = (int8_t)buffer[i + 8];
		r->signed_half = (int16_t)(r->signed_byte * 5 - r->byte);
		r->word = divide(x, buffer[i + 12] + 1u);
		r->wide = (wide_t)r->word << (buffer[i] & 31);
		if (r->signed_half < 0)
			x += (uint32_t)r->signed_half;
		x = x > r->word ? x - r->word : r->word - x;
	}
	sort(buffer, 16);
	wide = accumulate(buffer);
	for (int i = 0; i < 4; i++)
		wide += records[i].wide ^ records[i].word;
	for (unsigned i = 0; i < sizeof(wide); i++)
		result[i] = (uint8_t)(wide >> 8 * i);
	for (int i = 0; i < 16; i++)
		result[8 + i] = buffer[i];
	return x ^ (uint32_t)wide;
}
