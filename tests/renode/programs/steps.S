@ Sequences whose activity words are worked out by hand in test_activity.py.
	.syntax unified
	.thumb

	.macro function name
	.global \name
	.type \name, %function
	.thumb_func
\name:
	.endm

	.macro done name
	bx lr
	.balign 4
\name\()_base:
	.word 0x20000000
	.size \name, . - \name
	.endm

	function alu
	movs r0, #0x0f
	adds r0, #0xf0
	cmp r0, #1
	done alu

	function loads
	ldr r1, loads_base
	ldrb r0, [r1]
	ldrh r0, [r1, #2]
	ldrsb r2, [r1, r3]
	ldr r0, [r1, #4]
	done loads

	function stores
	ldr r1, stores_base
	movs r0, #0xa5
	strb r0, [r1]
	mvns r0, r0
	strh r0, [r1, #2]
	str r0, [r1, #4]
	done stores

	function stack
	movs r4, #0x03
	movs r5, #0x0c
	push {r4, r5}
	movs r5, #0
	movs r4, #0xff
	pop {r4, r5}
	done stack

	function lists
	ldr r1, lists_base
	ldm r1!, {r2, r3}
	stm r1!, {r2, r3}
	done lists

	function products
	movs r0, #5
	movs r2, #7
	muls r0, r2, r0
	lsls r0, r0, #2
	b 1f
	nop
1:
	done products

	function stack_pointer
	mrs r0, msp
	subs r0, #8
	msr msp, r0
	adds r0, #8
	msr msp, r0
	done stack_pointer

	function calls
	push {lr}
	bl alu
	pop {pc}
	.size calls, . - calls

#ifdef __ARM_ARCH_7EM__
	function indexed
	ldr r1, indexed_base
	ldr r0, [r1], #4
	strb r0, [r1, #3]!
	done indexed

	function predicated
	movs r0, #1
	ldr r1, predicated_base
	cmp r0, #1
	ite eq
	moveq r2, #7
	movne r2, #0xff
	itt ne
	ldrne r3, [r1]
	strne r0, [r1]
	done predicated

	function wide
	movs r0, #3
	mvn r1, #0
	umull r2, r3, r0, r1
	done wide

	function exclusive
	ldr r1, exclusive_base
	ldrex r0, [r1, #4]
	movs r0, #0xff
	strex r2, r0, [r1, #4]
	strex r2, r0, [r1, #4]
	done exclusive

	function table
	movs r0, #1
	tbb [pc, r0]
1:
	.byte (2f - 1b) / 2
	.byte (3f - 1b) / 2
2:
	nop
3:
	done table
#endif

	.section .first, "aw", %nobits
	.global buffer
	.type buffer, %object
	.size buffer, 16
buffer:
	.space 16
