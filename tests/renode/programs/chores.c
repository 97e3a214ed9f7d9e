/* What is not ciphers: sorting, division, strings, a state machine, structures. Much here goes where the input says. */
#include <stddef.h>
#include <stdint.h>

uint8_t buffer[64];
uint32_t result[16];

/* What compilers call: there is no library. */
void *memcpy(void *to, const void *from, size_t count)
{
	uint8_t *out = to;
	const uint8_t *in = from;

	while (count--)
		*out++ = *in++;
	return to;
}

void *memset(void *to, int value, size_t count)
{
	uint8_t *out = to;

	while (count--)
		*out++ = (uint8_t)value;
	return to;
}

void __aeabi_memcpy(void *to, const void *from, size_t count) { memcpy(to, from, count); }
void __aeabi_memcpy4(void *to, const void *from, size_t count) { memcpy(to, from, count); }
void __aeabi_memcpy8(void *to, const void *from, size_t count) { memcpy(to, from, count); }
void __aeabi_memset(void *to, size_t count, int value) { memset(to, value, count); }
void __aeabi_memclr(void *to, size_t count) { memset(to, 0, count); }
void __aeabi_memclr4(void *to, size_t count) { memset(to, 0, count); }
void __aeabi_memclr8(void *to, size_t count) { memset(to, 0, count); }

__attribute__((noinline)) static uint32_t divide(uint32_t n, uint32_t m, uint32_t *rest)
{
	uint32_t quotient = 0, left = 0;

	for (int i = 31; i >= 0; i--) {
		left = left << 1 | (n >> i & 1);
		if (left >= m) {
			left -= m;
			quotient |= 1u << i;
		}
	}
	*rest = left;
	return quotient;
}

#ifndef __ARM_FEATURE_IDIV
/* A quotient in r0 and a rest in r1, and products of 64 bits, for a core that has neither (Arm RTABI, 4.2 and 4.3.1). */
uint64_t __aeabi_uidivmod(uint32_t n, uint32_t m)
{
	uint32_t rest, quotient = divide(n, m, &rest);

	return (uint64_t)rest << 32 | quotient;
}

uint64_t __aeabi_idivmod(int32_t n, int32_t m)
{
	uint32_t rest, quotient = divide(n < 0 ? -(uint32_t)n : (uint32_t)n, m < 0 ? -(uint32_t)m : (uint32_t)m, &rest);

	if ((n ^ m) < 0)
		quotient = -quotient;
	return (uint64_t)(n < 0 ? -rest : rest) << 32 | quotient;
}

uint32_t __aeabi_uidiv(uint32_t n, uint32_t m) { return (uint32_t)__aeabi_uidivmod(n, m); }
uint32_t __aeabi_idiv(int32_t n, int32_t m) { return (uint32_t)__aeabi_idivmod(n, m); }

uint64_t __aeabi_lmul(uint64_t n, uint64_t m)
{
	uint32_t low = (uint32_t)n, other = (uint32_t)m;
	uint32_t a = low & 0xffff, b = low >> 16, c = other & 0xffff, d = other >> 16;
	uint32_t first = a * c, middle = b * c + (first >> 16), second = a * d + (middle & 0xffff);
	uint32_t high = b * d + (middle >> 16) + (second >> 16);

	high += low * (uint32_t)(m >> 32) + (uint32_t)(n >> 32) * other;
	return (uint64_t)high << 32 | second << 16 | (first & 0xffff);
}
#endif

static uint32_t load(const uint8_t *at)
{
	return (uint32_t)at[0] | (uint32_t)at[1] << 8 | (uint32_t)at[2] << 16 | (uint32_t)at[3] << 24;
}

static uint64_t load_long(const uint8_t *at)
{
	return (uint64_t)load(at + 4) << 32 | load(at);
}

/* A network: what is compared does not depend on the input; what a compiler makes of it may. */
void network(void)
{
	uint8_t v[8];

	for (int i = 0; i < 8; i++)
		v[i] = buffer[i];
	for (int p = 1; p < 8; p <<= 1)
		for (int k = p; k >= 1; k >>= 1)
			for (int j = k % p; j + k < 8; j += 2 * k)
				for (int i = 0; i < k && i + j + k < 8; i++)
					if ((i + j) / (2 * p) == (i + j + k) / (2 * p)) {
						uint8_t a = v[i + j], b = v[i + j + k];

						v[i + j] = a < b ? a : b;
						v[i + j + k] = a < b ? b : a;
					}
	result[0] = load(v);
	result[1] = load(v + 4);
}

void insertion(void)
{
	int8_t v[8];

	for (int i = 0; i < 8; i++) {
		int8_t item = (int8_t)buffer[i];
		int k = i;

		for (; k > 0 && v[k - 1] > item; k--)
			v[k] = v[k - 1];
		v[k] = item;
	}
	result[0] = load((uint8_t *)v);
	result[1] = load((uint8_t *)v + 4);
}

void longs(void)
{
	uint64_t a = load_long(buffer), b = load_long(buffer + 8), c = 0x9e3779b97f4a7c15;
	int64_t s = (int64_t)a;

	for (int i = 0; i < 6; i++) {
		c += (uint64_t)(uint32_t)a * (uint32_t)b;
		s -= (int64_t)(int32_t)(a >> 32) * (int32_t)b;
		a = (a << 13 | a >> 51) + c;
		b ^= (uint64_t)s >> 7 | a << 57;
		s >>= 3;
		if (a < b)
			c ^= a;
	}
	result[0] = (uint32_t)a;
	result[1] = (uint32_t)(a >> 32);
	result[2] = (uint32_t)b;
	result[3] = (uint32_t)(b >> 32);
	result[4] = (uint32_t)c;
	result[5] = (uint32_t)(c >> 32);
	result[6] = (uint32_t)s;
	result[7] = (uint32_t)((uint64_t)s >> 32);
}

void quotients(void)
{
	uint32_t rest;

	result[0] = load(buffer) / (buffer[4] + 1u);
	result[1] = load(buffer + 8) / 10u;
	result[2] = (uint32_t)((int32_t)load(buffer + 12) / ((int8_t)buffer[5] | 1));
	result[3] = divide(load(buffer + 16), load(buffer + 20) >> 16, &rest);
	result[4] = rest;
	result[5] = load(buffer + 24) / 7;
	result[6] = (uint32_t)((int32_t)load(buffer + 28) % 1000);
}

/* Compare until the first difference, find a byte, count, go to upper case. */
void strings(void)
{
	uint32_t same = 0, where = 0, vowels = 0;
	uint8_t text[17];

	for (int i = 0; i < 16; i++)
		text[i] = (uint8_t)('A' + (buffer[i] & 63));
	text[16] = 0;
	while (same < 16 && (buffer[same] & 1) == (buffer[same + 16] & 1))
		same++;
	for (const uint8_t *at = text; *at && *at != 'q'; at++)
		where++;
	for (uint8_t *at = text; *at; at++) {
		if (*at >= 'a' && *at <= 'z')
			*at = (uint8_t)(*at - 32);
		if (*at == 'A' || *at == 'E' || *at == 'I' || *at == 'O' || *at == 'U')
			vowels++;
	}
	result[0] = same | where << 8 | vowels << 16;
	result[1] = load(text);
	result[2] = load(text + 12);
}

/* A stack machine: a table branch for each step, by the input's bytes. */
void machine(void)
{
	uint32_t a = 1, b = load(buffer + 32), steps = 0;

	for (uint32_t at = 0; at < 16 && steps < 24; at++, steps++) {
		uint8_t code = buffer[at];

		switch (code & 7) {
		case 0:
			a += b;
			break;
		case 1:
			a ^= b << (code >> 3);
			break;
		case 2:
			b = a * b + 1;
			break;
		case 3:
			a = b >> (code >> 3) | a << 1;
			break;
		case 4:
			if (a & 1)
				at += 2;
			break;
		case 5:
			b -= a;
			break;
		case 6:
			a = ~a;
			break;
		default:
			if (b & 0x100 && at)
				at--;
			b++;
		}
	}
	result[0] = a;
	result[1] = b;
	result[2] = steps;
}

struct point {
	int16_t x, y;
	uint8_t kind;
	uint32_t weight;
	uint64_t stamp;
};

static struct point points[8];

__attribute__((noinline)) static struct point moved(struct point from, int by)
{
	from.x = (int16_t)(from.x + by);
	from.y = (int16_t)(from.y - by);
	from.stamp += from.weight;
	return from;
}

void structures(void)
{
	struct point last = {1, 2, 3, 4, 5};

	for (int i = 0; i < 8; i++) {
		points[i] = last;
		points[i].weight += buffer[i];
		points[i].kind ^= buffer[i + 8];
		last = moved(points[i], (int8_t)buffer[i + 16]);
	}
	points[buffer[24] & 7] = points[buffer[25] & 7];
	for (int i = 0; i < 8; i++)
		result[i] = (uint32_t)(uint16_t)points[i].x << 16 ^ (uint32_t)points[i].y ^ points[i].weight ^
			    points[i].kind ^ (uint32_t)points[i].stamp;
}

/* A call through a table that the input chooses. */
static uint32_t twice(uint32_t n) { return n + n; }
static uint32_t turned(uint32_t n) { return n >> 9 | n << 23; }
static uint32_t flipped(uint32_t n) { return ~n; }
static uint32_t halved(uint32_t n) { return n >> 1; }
static uint32_t (*const ways[4])(uint32_t) = {twice, turned, flipped, halved};

void calls(void)
{
	uint32_t word = load(buffer);

	for (int i = 0; i < 3; i++)
		word = ways[buffer[4 + i] & 3](word) + buffer[8 + i];
	result[0] = word;
}
