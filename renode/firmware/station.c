/* A whole program on an STM32F4: it starts the clocks, raises a pin for an oscilloscope, encrypts one block, lowers the
 * pin, and sends the ciphertext by USART1. It runs on a board, or on Renode's model of one; a simulator without
 * peripherals ends it at its first register. Registers and bits: RM0090, sections 6, 8 and 30. */

#define PART_OF_A_PROGRAM
#include "aes128.c"

#define REGISTER(address) (*(volatile uint32_t *)(address))

#define RCC_AHB1ENR REGISTER(0x40023830)
#define RCC_APB2ENR REGISTER(0x40023844)
#define GPIOD_CLOCK (1u << 3)
#define USART1_CLOCK (1u << 4)

#define GPIOD_MODER REGISTER(0x40020C00)
#define GPIOD_BSRR REGISTER(0x40020C18)
#define PIN 12
#define OUTPUT 1u

#define USART1_SR REGISTER(0x40011000)
#define USART1_DR REGISTER(0x40011004)
#define USART1_BRR REGISTER(0x40011008)
#define USART1_CR1 REGISTER(0x4001100C)
#define TRANSMITTER_EMPTY (1u << 7)
#define ENABLE (1u << 13)
#define TRANSMITTER (1u << 3)
#define BAUD_115200_AT_16_MHZ 0x8B

int main(void);

__attribute__((noinline)) static void start_board(void)
{
	RCC_AHB1ENR |= GPIOD_CLOCK;
	RCC_APB2ENR |= USART1_CLOCK;
	GPIOD_MODER = (GPIOD_MODER & ~(3u << (2 * PIN))) | (OUTPUT << (2 * PIN));
	USART1_BRR = BAUD_115200_AT_16_MHZ;
	USART1_CR1 = ENABLE | TRANSMITTER;
}

__attribute__((noinline)) static void raise_trigger(void)
{
	GPIOD_BSRR = 1u << PIN;
}

__attribute__((noinline)) static void lower_trigger(void)
{
	GPIOD_BSRR = 1u << (PIN + 16);
}

__attribute__((noinline)) static void send_ciphertext(void)
{
	for (unsigned i = 0; i < 16; i++) {
		while (!(USART1_SR & TRANSMITTER_EMPTY))
			;
		USART1_DR = aes_ciphertext[i];
	}
}

int main(void)
{
	start_board();
	raise_trigger();
	aes128_encrypt();
	lower_trigger();
	send_ciphertext();
	return 0;
}
