/* AES-128 encryption of one block with first-order Boolean masking and a re-masked S-box table.
 *
 * Every value that depends on the plaintext carries a mask that is fresh for each execution:
 *
 *   aes_masks[0..15]  masks of the state bytes after SubBytes, one per byte
 *   aes_masks[16]     mask of the S-box input:  table[x ^ in] = sbox[x] ^ out
 *   aes_masks[17]     mask of the S-box output
 *
 * ShiftRows and MixColumns turn the first sixteen into the masks that the state bears when it comes back to
 * SubBytes. They are the same in every round, so that one table and one set of corrections serve the whole block.
 * One mask per byte matters: bytes that share a mask lose it wherever one overwrites the other, in a register or on
 * the bus.
 *
 * Plaintext and ciphertext are handled without masks in mask_plaintext and unmask_ciphertext, and nowhere else.
 * The key schedule is not masked: it sees the key alone.
 */

#include <stdint.h>

#include "aes128_steps.h"

#define SBOX_IN 16
#define SBOX_OUT 17

uint8_t aes_plaintext[16];
uint8_t aes_key[16];
uint8_t aes_masks[18];
uint8_t aes_ciphertext[16];

uint8_t aes_round_keys[ROUND_KEY_BYTES];
uint8_t aes_state[16];
uint8_t aes_input_masks[16];
uint8_t aes_output_masks[16];
uint8_t aes_corrections[16];
uint8_t aes_table[256];

void aes128_masked_encrypt(void);

/* Make the compiler finish `value` before it combines it with anything else. Without this it is free to reorder
 * a ^ (b ^ c) into (a ^ b) ^ c, which is the same number and, for masks, not the same thing. */
static inline uint32_t held(uint32_t value)
{
#ifndef TRUST_THE_OPTIMISER
	__asm__ volatile("" : "+r"(value) : : "memory");
#endif
	return value;
}

/* A word that is always zero. */
static volatile uint32_t nothing;

/* Read zero, so that the bus forgets what it carried; memory accesses stay on their side of it. */
static inline void clear_bus(void)
{
	__asm__ volatile("" : : : "memory");
	(void)nothing;
	__asm__ volatile("" : : : "memory");
}

/* Leave nothing unmasked behind: clear the bus, and the registers that a function need not keep. */
static inline __attribute__((always_inline)) void settle(void)
{
	clear_bus();
	__asm__ volatile("movs r0, #0\n\tmovs r1, #0\n\tmovs r2, #0\n\tmovs r3, #0\n\tmov r12, r0\n\tmov lr, r0"
	                 : : : "r0", "r1", "r2", "r3", "r12", "lr", "cc");
}

__attribute__((noinline)) static void prepare_table(void)
{
	const uint8_t in = aes_masks[SBOX_IN];
	const uint8_t out = aes_masks[SBOX_OUT];

	for (unsigned x = 0; x < 256; x++)
		aes_table[x ^ in] = sbox[x] ^ out;
}

/* What the state bears before SubBytes, and what takes it from there to the mask of the table's input. */
__attribute__((noinline)) static void prepare_masks(void)
{
	for (unsigned i = 0; i < 16; i++)
		aes_output_masks[i] = aes_masks[i];
	shift_rows(aes_output_masks);
	for (unsigned i = 0; i < 16; i++)
		aes_input_masks[i] = aes_output_masks[i];
	mix_columns(aes_input_masks);
	for (unsigned i = 0; i < 16; i++)
		aes_corrections[i] = aes_input_masks[i] ^ aes_masks[SBOX_IN];
}

__attribute__((noinline)) static void mask_plaintext(void)
{
	for (unsigned i = 0; i < 16; i++)
		aes_state[i] = aes_plaintext[i] ^ aes_input_masks[i];
	settle();
}

__attribute__((noinline)) static void unmask_ciphertext(void)
{
	for (unsigned i = 0; i < 16; i++)
		aes_ciphertext[i] = aes_state[i] ^ aes_output_masks[i];
	settle();
}

__attribute__((noinline)) static void add_round_key(const uint8_t *round_key)
{
	for (unsigned i = 0; i < 16; i++)
		aes_state[i] ^= round_key[i];
}

/* The table's output has the table's mask and gets the byte's own; both masks are joined first, so that the byte is
 * never without one. The bus is cleared before the byte is written, since its mask was on it just before. */
__attribute__((noinline)) static void sub_bytes(void)
{
	const uint8_t table_mask = aes_masks[SBOX_OUT];

	for (unsigned i = 0; i < 16; i++) {
		const uint8_t byte = aes_table[aes_state[i] ^ aes_corrections[i]] ^ held(aes_masks[i] ^ table_mask);

		clear_bus();
		aes_state[i] = byte;
	}
}

__attribute__((noinline)) void aes128_masked_encrypt(void)
{
	expand_key(aes_key, aes_round_keys);
	prepare_table();
	prepare_masks();
	mask_plaintext();
	add_round_key(aes_round_keys);
	for (unsigned round = 1; round < ROUNDS; round++) {
		sub_bytes();
		shift_rows(aes_state);
		mix_columns(aes_state);
		add_round_key(aes_round_keys + 16 * round);
	}
	sub_bytes();
	shift_rows(aes_state);
	add_round_key(aes_round_keys + 16 * ROUNDS);
	unmask_ciphertext();
}

int main(void)
{
	for (;;)
		aes128_masked_encrypt();
}
