/* Ciphers, hashes and checksums, as one writes them: ways and addresses that do not depend on the input, but for crc. */
#include <stdint.h>

uint8_t buffer[64];
uint32_t result[16];

static uint32_t load(const uint8_t *at)
{
	return (uint32_t)at[0] | (uint32_t)at[1] << 8 | (uint32_t)at[2] << 16 | (uint32_t)at[3] << 24;
}

static uint32_t left(uint32_t word, int count)
{
	return word << count | word >> (32 - count);
}

static uint32_t right(uint32_t word, int count)
{
	return word >> count | word << (32 - count);
}

/* FIPS 180-4 */
static const uint32_t rounds[64] = {
	0x428a2f98, 0x71374491, 0xb5c0fbcf, 0xe9b5dba5, 0x3956c25b, 0x59f111f1, 0x923f82a4, 0xab1c5ed5,
	0xd807aa98, 0x12835b01, 0x243185be, 0x550c7dc3, 0x72be5d74, 0x80deb1fe, 0x9bdc06a7, 0xc19bf174,
	0xe49b69c1, 0xefbe4786, 0x0fc19dc6, 0x240ca1cc, 0x2de92c6f, 0x4a7484aa, 0x5cb0a9dc, 0x76f988da,
	0x983e5152, 0xa831c66d, 0xb00327c8, 0xbf597fc7, 0xc6e00bf3, 0xd5a79147, 0x06ca6351, 0x14292967,
	0x27b70a85, 0x2e1b2138, 0x4d2c6dfc, 0x53380d13, 0x650a7354, 0x766a0abb, 0x81c2c92e, 0x92722c85,
	0xa2bfe8a1, 0xa81a664b, 0xc24b8b70, 0xc76c51a3, 0xd192e819, 0xd6990624, 0xf40e3585, 0x106aa070,
	0x19a4c116, 0x1e376c08, 0x2748774c, 0x34b0bcb5, 0x391c0cb3, 0x4ed8aa4a, 0x5b9cca4f, 0x682e6ff3,
	0x748f82ee, 0x78a5636f, 0x84c87814, 0x8cc70208, 0x90befffa, 0xa4506ceb, 0xbef9a3f7, 0xc67178f2};
static const uint32_t initial[8] = {0x6a09e667, 0xbb67ae85, 0x3c6ef372, 0xa54ff53a,
				    0x510e527f, 0x9b05688c, 0x1f83d9ab, 0x5be0cd19};

void sha256(void)
{
	uint32_t w[64], s[8];

	for (int i = 0; i < 16; i++)
		w[i] = (uint32_t)buffer[4 * i] << 24 | (uint32_t)buffer[4 * i + 1] << 16 |
		       (uint32_t)buffer[4 * i + 2] << 8 | buffer[4 * i + 3];
	for (int i = 16; i < 64; i++)
		w[i] = w[i - 16] + w[i - 7] + (right(w[i - 15], 7) ^ right(w[i - 15], 18) ^ w[i - 15] >> 3) +
		       (right(w[i - 2], 17) ^ right(w[i - 2], 19) ^ w[i - 2] >> 10);
	for (int i = 0; i < 8; i++)
		s[i] = initial[i];
	for (int i = 0; i < 64; i++) {
		uint32_t e = s[4], a = s[0];
		uint32_t one = s[7] + (right(e, 6) ^ right(e, 11) ^ right(e, 25)) + ((e & s[5]) ^ (~e & s[6])) +
			       rounds[i] + w[i];
		uint32_t two = (right(a, 2) ^ right(a, 13) ^ right(a, 22)) + ((a & s[1]) ^ (a & s[2]) ^ (s[1] & s[2]));

		for (int k = 7; k > 0; k--)
			s[k] = s[k - 1];
		s[4] += one;
		s[0] = one + two;
	}
	for (int i = 0; i < 8; i++)
		result[i] = s[i] + initial[i];
}

/* RFC 8439: the input is the state's lower three quarters and more. */
static void quarter(uint32_t *s, int a, int b, int c, int d)
{
	s[a] += s[b];
	s[d] = left(s[d] ^ s[a], 16);
	s[c] += s[d];
	s[b] = left(s[b] ^ s[c], 12);
	s[a] += s[b];
	s[d] = left(s[d] ^ s[a], 8);
	s[c] += s[d];
	s[b] = left(s[b] ^ s[c], 7);
}

void chacha20(void)
{
	uint32_t s[16];

	for (int i = 0; i < 16; i++)
		s[i] = load(buffer + 4 * i);
	for (int i = 0; i < 10; i++) {
		quarter(s, 0, 4, 8, 12);
		quarter(s, 1, 5, 9, 13);
		quarter(s, 2, 6, 10, 14);
		quarter(s, 3, 7, 11, 15);
		quarter(s, 0, 5, 10, 15);
		quarter(s, 1, 6, 11, 12);
		quarter(s, 2, 7, 8, 13);
		quarter(s, 3, 4, 9, 14);
	}
	for (int i = 0; i < 16; i++)
		result[i] = s[i] + load(buffer + 4 * i);
}

/* CRC-32 (IEEE 802.3), a branch a bit. */
void crc_bits(void)
{
	uint32_t crc = 0xffffffff;

	for (int i = 0; i < 8; i++) {
		crc ^= buffer[i];
		for (int k = 0; k < 8; k++) {
			if (crc & 1)
				crc = crc >> 1 ^ 0xedb88320;
			else
				crc >>= 1;
		}
	}
	result[0] = ~crc;
}

/* The same by a table in RAM that is made first: addresses depend on the input, ways do not. */
static uint32_t table[256];

void crc_table(void)
{
	uint32_t crc = 0xffffffff;

	for (uint32_t i = 0; i < 256; i++) {
		uint32_t entry = i;

		for (int k = 0; k < 8; k++)
			entry = entry >> 1 ^ (0xedb88320 & -(entry & 1));
		table[i] = entry;
	}
	for (int i = 0; i < 16; i++)
		crc = crc >> 8 ^ table[(crc ^ buffer[i]) & 0xff];
	result[0] = ~crc;
}

/* PRESENT's S-box, 32 at a time, and its inverse of one by a search. */
void sliced(void)
{
	uint32_t a = load(buffer), b = load(buffer + 4), c = load(buffer + 8), d = load(buffer + 12);

	for (int round = 0; round < 8; round++) {
		uint32_t t1 = b ^ c, t2 = c & t1, t3 = d ^ t2, y = a ^ t3, u = t1 & t3, v = t1 ^ y;
		uint32_t w = u ^ c, x = w | a, p = v ^ x, q = ~w ^ a, r = q | p, z = t3 ^ r;

		a = y;
		b = z;
		c = ~(q ^ p);
		d = left(p, 5) ^ load(buffer + 16 + 4 * round);
	}
	result[0] = a;
	result[1] = b;
	result[2] = c;
	result[3] = d;
}

/* A counting cipher: half words and bytes of a state, rotated and swapped. */
void stir(void)
{
	uint16_t half[16];
	int8_t byte[16];
	uint32_t sum = 0;

	for (int i = 0; i < 16; i++) {
		half[i] = (uint16_t)(buffer[i] << 8 | buffer[i + 16]);
		byte[i] = (int8_t)(buffer[i + 32] - buffer[i + 48]);
	}
	for (int round = 0; round < 4; round++)
		for (int i = 0; i < 16; i++) {
			int16_t left_half = (int16_t)half[i], right_half = (int16_t)half[(i + 5) & 15];

			half[i] = (uint16_t)(half[i] << 3 | half[i] >> 13);
			half[i] ^= (uint16_t)(left_half * right_half + byte[(i + round) & 15]);
			byte[i] = (int8_t)(byte[i] + (half[i] >> 8) + round);
			sum += (uint32_t)(int32_t)byte[i] * half[i];
		}
	result[0] = sum;
	for (int i = 0; i < 8; i++)
		result[1 + i] = (uint32_t)half[i] << 16 | (uint8_t)byte[i];
}
