@ What lanes must get right, a function each: r7 is `buffer`, the input, 16 bytes in a RAM of which the rest is zero.
@ Memory is not touched for the first time inside an IT block: Unicorn then takes the block's state for that of what
@ it translates next.
	.syntax unified
	.thumb

	.macro function name
	.global \name
	.type \name, %function
	.thumb_func
\name:
	ldr r7, \name\()_base
	ldr r0, [r7]
	str r0, [r7, #60]
	.endm

	.macro done name
	bx lr
	.balign 4
\name\()_base:
	.word buffer
	.size \name, . - \name
	.endm

	@ Bytes that vary beside such that do not, in one word.
	function parts
	ldr r0, [r7]
	ldr r1, =0x11223344
	str r1, [r7, #20]
	strb r0, [r7, #21]	@ one byte varies
	ldrb r2, [r7, #20]	@ uniform
	ldrb r2, [r7, #21]
	ldr r3, [r7, #20]	@ both
	movs r1, #0x5a
	strb r1, [r7, #22]	@ uniform into a word that varies
	ldrh r4, [r7, #22]
	ldr r4, [r7, #20]
	strb r1, [r7, #21]	@ and no byte varies any more
	ldr r4, [r7, #20]
	strh r0, [r7, #20]
	ldrh r4, [r7, #22]
	ldr r5, [r7, #20]
	str r5, [r7, #24]
	ldr r6, [r7, #24]
	movs r6, #0
	ldrsb r6, [r7, r6]
	movs r5, #2
	ldrsh r5, [r7, r5]
	done parts

	@ A register goes from uniform to varying and back, and so does the bus.
	function turns
	movs r0, #0x77
	ldrb r0, [r7]
	movs r0, #0x11
	ldrb r0, [r7, #1]
	eors r0, r0
	ldr r1, [r7, #4]
	adds r1, #1
	ldr r2, [r7, #8]
	str r1, [r7, #20]
	str r0, [r7, #24]
	mov r3, r1
	ldrb r1, [r7, #20]
	movs r2, #0xff
	ands r2, r1
	lsrs r2, r2, #8
	movs r1, #0
	muls r1, r3, r1
	done turns

	@ Carries and overflows that vary, read by what follows.
	function flags
	ldr r0, [r7]
	ldr r1, [r7, #4]
	ldr r2, [r7, #8]
	adds r0, r1
	adcs r2, r1
	subs r3, r0, r2
	sbcs r3, r1
	lsls r4, r0, #3
	adcs r4, r4
	lsrs r4, r4, r1
	adcs r4, r0
	cmp r0, r2
	mrs r5, apsr
	done flags

	@ The stack: lists of registers, of which some vary.
	function spills
	ldr r4, [r7]
	movs r5, #5
	ldr r6, [r7, #4]
	push {r4-r7, lr}
	movs r4, #0
	movs r6, #0
	pop {r4-r7}
	pop {r3}
	mov lr, r3
	mov r0, r7
	ldm r0!, {r1, r2, r3}
	stm r0!, {r1, r2, r5}
	ldm r0!, {r1}
	done spills

	@ A table of constants, one in RAM that does not vary, one that does, and stores by index.
	function tables
	ldrb r0, [r7]
	adr r1, constants
	ldrb r2, [r1, r0]
	movs r3, #15
	ands r0, r3
	lsls r0, r0, #1
	ldrh r2, [r1, r0]
	ldrsh r2, [r1, r0]
	ldrsb r2, [r1, r0]
	mov r4, r7
	adds r4, #64
	str r3, [r4, #4]
	lsls r0, r0, #1
	ldr r2, [r4, r0]	@ uniform
	ldr r5, [r7, #4]
	str r5, [r4, #8]
	ldr r2, [r4, r0]	@ not any more
	str r5, [r4, r0]
	ldr r6, [r4, #12]
	ldrb r6, [r4, r0]
	strb r3, [r4, r0]
	ldrsh r6, [r4, r0]
	strh r5, [r4, r0]
	ldr r6, [r4, #60]
	str r3, [r4, #60]
	ldr r6, [r4, #60]
	ldr r6, [r4, r0]
	done tables

	@ A way that depends on the input, and how far it goes.
	function ways
	ldrb r0, [r7]
	cmp r0, #128
	bhi 1f
	adds r0, #1
	ldrb r1, [r7, #1]
	cmp r1, #4
	beq 1f
	cmp r1, #16
	blt 2f
1:
	adds r0, #2
2:
	subs r0, r0, r1
	bpl 3f
	bvs 3f
	rsbs r0, r0, #0
3:
	done ways

	@ Addresses that a Cortex-M0 does not take.
	function astray
	ldrb r0, [r7]
	movs r1, #7
	ands r0, r1
	adr r1, constants
	ldr r2, [r1, r0]
	str r2, [r7, r0]
	done astray

	@ A return address and a jump that depend on the input.
	function jumps
	mov r6, lr
	ldrb r0, [r7]
	movs r1, #1
	ands r0, r1
	lsls r0, r0, #1
	adr r1, 1f
	adds r1, #1
	adds r0, r1
	push {r0, r1}
	mov r2, r0
	adds r2, #8
	pop {r3, pc}
	.balign 4
1:
	ldrb r3, [r7, #1]
	blx r2
	movs r0, #3
	.balign 4
	nop
	bx r6
	.balign 4
jumps_base:
	.word buffer
	.size jumps, . - jumps

	.balign 4
constants:
	.set value, 7
	.rept 260
	.byte value & 255
	.set value, value * 5 + 3
	.endr

	.ltorg

#if !defined(__ARM_ARCH_6M__)
	@ IT blocks: conditions that hold or fail in all lanes, and such that vary.
	function conditions
	ldr r0, [r7]
	ldr r1, [r7, #4]
	movs r2, #9
	movs r3, #3
	cmp r2, #9
	ite eq
	addeq r3, r0
	addne r3, r1
	cmp r0, r1
	itete hi
	movhi r4, #1
	movls r4, r0
	addhi r3, r4
	subls r3, r3, #1
	cmp r0, r2
	itt mi
	ldrmi r5, [r7, #8]
	strmi r5, [r7, #20]
	ldr r5, [r7, #20]
	tst r0, #1
	itett ne
	ldrbne r5, [r7, #3]
	strbeq r2, [r7, #21]
	ldrne r5, [r7, #24]
	strdne r2, r3, [r7, #24]
	ldr r6, [r7, #20]
	ldr r6, [r7, #24]
	cmp r1, r0
	it ge
	cmpge r0, #77
	it ne
	mvnne r4, r4
	ittt lt
	addlt r7, #4
	ldmlt r7!, {r0, r1}
	pushlt {r0, r1}
	mov r4, sp
	mrs r5, apsr
	it lt
	poplt {r0, r1}
	movs r6, #0
	tst r0, #8
	it eq
	moveq r6, #0
	done conditions

	@ Accesses by index, and ways, under conditions that vary.
	function indices
	ldrb r0, [r7]
	ldrb r1, [r7, #1]
	adr.w r2, constants
	add r3, r7, #64
	ands r4, r0, #15
	cmp r0, r1
	ittet hi
	ldrbhi r5, [r2, r1]
	strhi r0, [r3, r4, lsl #2]
	ldrls r5, [r3, r4, lsl #2]
	ldrhi r6, [r3, r4, lsl #2]
	ldr r6, [r3, #8]
	cmp r0, #250
	it hi
	bxhi lr
	cmp r1, #251
	it ls
	bls.n 1f
	nop
1:
	tst r0, #64
	itt eq
	addeq r1, #1
	beq.n 2f
	adds r1, #2
2:
	done indices

	@ Indices that go on by what they are written back with.
	function written_back
	ldrb r0, [r7]
	and r1, r0, #12
	add r1, r7
	add r1, #64
	ldr r2, [r7, #4]
	str r2, [r1, #4]!
	ldr r3, [r1, #-4]!
	ldr r3, [r1], #4
	ldrb r3, [r1, #3]
	ldrb r3, [r1, #-1]!
	adr.w r4, constants
	and r0, #15
	add r4, r0
	ldrb r5, [r4, #7]!
	ldrsh r5, [r4, #-2]!
	ldr r6, [r7, #68]
	ldr r6, [r7, #72]
	and r1, r6, #12
	add r1, r7
	add r3, r1, #68
	ldrd r1, r2, [r1, #64]	@ the base is lost on the way
	ldm r3, {r3, r4}
	done written_back

	@ Halfwords across the ends of words in some lanes, at places that lie beside an index.
	function beside
	ldrb r0, [r7]
	and r0, #3
	add r1, r7, #64
	str r0, [r1, #4]
	add r1, r0
	ldrh r2, [r1, #1]
	strh r0, [r1, #1]
	done beside

	@ Accesses that hardly any lane executes.
	function seldom
	ldrb r0, [r7]
	ldrb r1, [r7, #1]
	adr.w r2, constants
	and r3, r1, #12
	add r4, r7, #64
	str r0, [r4, #4]
	cmp r0, #255
	it eq
	ldrbeq r5, [r2, r1]
	cmp r1, #255
	itt eq
	ldreq r5, [r4, r3]
	addeq r5, #1
	ldr r6, [r4, #4]
	done seldom

	@ What ends the execution of some lanes.
	function perilous
	ldrb r0, [r7]
	ldrb r1, [r7, #1]
	movs r2, #0
	tst r0, #4
	it ne
	ldrne r3, [r2]
	tst r1, #128
	.inst.n 0xbf18	@ it ne
	.inst.n 0xde01	@ udf #1
	add r0, r1
	done perilous

	@ Words across the ends of others.
	function misaligned
	ldr r0, [r7, #1]
	ldrh r1, [r7, #3]
	ldrsh r2, [r7, #7]
	str r0, [r7, #19]
	strh r1, [r7, #23]
	ldr r3, [r7, #18]
	ldr r4, [r7, #22]
	movs r5, #5
	str r5, [r7, #31]
	ldr r6, [r7, #30]
	ldr r6, [r7, #14]
	ldr r6, [r7, #41]
	tst r0, #1
	itete ne
	strne r0, [r7, #13]
	strheq r5, [r7, #19]
	ldrne r1, [r7, #17]
	ldreq r1, [r7, #11]
	ldr r6, [r7, #12]
	ldr r6, [r7, #16]
	ldr r6, [r7, #20]
	done misaligned

	@ Addresses of words that are not aligned in some lanes.
	function stray
	ldrb r0, [r7]
	and r0, #7
	add r1, r7, r0
	str r0, [r7, #4]
	ldr r2, [r1]
	adr.w r1, constants
	ldr r2, [r1, r0]
	done stray

	@ Exclusive accesses, tables of branches, double words, divisions.
	function others
	ldr r0, [r7]
	add r1, r7, #20
	ldrex r2, [r1]
	add r2, r0
	strex r3, r2, [r1]
	strex r4, r0, [r1]
	ldrexb r2, [r1]
	clrex
	strexb r3, r2, [r1]
	ldrd r2, r3, [r7, #4]
	umull r4, r5, r2, r3
	strd r4, r5, [r7, #24]!
	smlal r4, r5, r0, r2
	udiv r4, r5, r2
	ldr r5, [r7], #-24
	sxtb r5, r5
	ubfx r5, r5, #3, #2
	movs r5, #1
	tbb [pc, r5]
1:
	.byte (2f - 1b) / 2
	.byte (3f - 1b) / 2
2:
	nop
3:
	ssat r5, #9, r0
#if defined(__ARM_FEATURE_DSP)
	uadd8 r5, r0, r2
	sel r6, r0, r2
	qadd r5, r0, r2
	mrs r5, apsr_nzcvqg
#endif
	done others

	@ What lanes do not do.
	function disturbed
	ldr r0, [r7]
	ldrex r1, [r7]
	str r0, [r7]
	strex r2, r1, [r7]
	done disturbed

	function indexed_exclusive
	ldrb r0, [r7]
	and r0, #4
	add r0, r7
	ldrex r1, [r0]
	done indexed_exclusive

	function anywhere
	ldrh r0, [r7]
	add r0, r7
	ldrb r1, [r0]
	done anywhere

	function system
	mrs r0, msp
	msr msp, r0
	done system

	@ A table of branches that depends on the input.
	function switch
	ldrb r0, [r7]
	and r0, #3
	tbh [pc, r0, lsl #1]
1:
	.hword (2f - 1b) / 2
	.hword (3f - 1b) / 2
	.hword (4f - 1b) / 2
	.hword (2f - 1b) / 2
2:
	adds r0, #1
3:
	cbz r0, 4f
	adds r0, #2
4:
	cbnz r0, 5f
	nop
5:
	done switch
	.ltorg
#endif

	.section .first, "aw", %nobits
	.global buffer
	.type buffer, %object
	.size buffer, 16
buffer:
	.space 1024
