@ One way to end badly per function; the guilty instruction has the label <function>_guilty.
	.syntax unified
	.thumb

	.macro function name
	.global \name
	.type \name, %function
	.thumb_func
\name:
	.endm

	.macro guilty name
	.global \name\()_guilty
\name\()_guilty:
	.endm

	function read_unmapped
	movs r0, #1
	ldr r1, =0x40000000
	guilty read_unmapped
	ldr r0, [r1]
	adds r0, #1
	bx lr

	function write_unmapped
	ldr r1, =0x40000000
	adds r0, #1
	guilty write_unmapped
	str r0, [r1]
	adds r0, #1
	bx lr

	function write_flash
	ldr r1, =0x08000000
	guilty write_flash
	strb r0, [r1]
	bx lr

	function push_too_deep
	ldr r1, =0x20000004
	mov sp, r1
	guilty push_too_deep
	push {r0, r1, r2, r3}
	bx lr

	function jump_unmapped
	ldr r1, =0x10000001
	guilty jump_unmapped
	bx r1

	function jump_to_data
	ldr r1, =buffer + 1
	guilty jump_to_data
	bx r1

	function jump_beyond_code
	ldr r1, =0x080f0001
	guilty jump_beyond_code
	bx r1

	function jump_to_padding   @ in the same page as the code
	ldr r1, =0x08000f01
	guilty jump_to_padding
	bx r1

	function jump_to_arm
	ldr r1, =0x08000000
	guilty jump_to_arm
	bx r1

	function undefined
	movs r0, #1
	guilty undefined
	udf #1
	bx lr

	function supervisor
	movs r0, #1
	guilty supervisor
	svc #1
	bx lr

	function breakpoint
	movs r0, #1
	guilty breakpoint
	bkpt #1
	bx lr

	function asleep
	movs r0, #1
	guilty asleep
	wfi
	bx lr

	function forever
	guilty forever
	b forever

	function compare_and_branch
	movs r0, #0
	guilty compare_and_branch
	.short 0xb100   @ cbz r0, not on Armv6-M
	nop
	bx lr

	function if_then
	cmp r0, r0
	guilty if_then
	.short 0xbf08   @ it eq, not on Armv6-M
	nop
	bx lr

	function move_wide
	nop
	guilty move_wide
	.short 0xf240, 0x0001   @ movw r0, #1, not on Armv6-M
	bx lr

	function signal_processing
	nop
	guilty signal_processing
	.short 0xfa80, 0xf041   @ uadd8 r0, r0, r1, only on Armv7E-M
	bx lr

	function floating_point
	nop
	guilty floating_point
	.short 0xee30, 0x0a00   @ vadd.f32 s0, s0, s0
	bx lr

	function vector_store
	nop
	guilty vector_store
	.short 0xf900, 0x2007   @ vst4.8 {d2, d3, d4, d5}, [r0], r7, on no Cortex-M
	bx lr

	function by_input   @ the first byte chooses: 0 returns, 1 reads outside, 2 loops, anything else returns later
	ldr r1, =buffer
	ldrb r0, [r1]
	cmp r0, #0
	beq 1f
	cmp r0, #1
	beq 2f
	cmp r0, #2
	beq 3f
	nop
1:
	bx lr
2:
	ldr r1, =0x40000000
	guilty by_input
	ldr r0, [r1]
3:
	b 3b

	.section .first, "aw", %nobits
	.global buffer
	.type buffer, %object
	.size buffer, 16
buffer:
	.space 16
