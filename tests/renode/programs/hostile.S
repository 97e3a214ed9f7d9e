@ Paths that would take more memory or time than a walk along them is worth.

	.syntax unified
	.thumb
	.text

	.macro function name
	.global \name
	.type \name, %function
	.thumb_func
\name:
	push {r4-r7, lr}
	ldr r7, =buffer
	ldrb r0, [r7]
	ldr r6, =0x20002000
	ldr r5, =3000
	.endm

	.macro done name
	subs r5, #1
	bne 1b
	pop {r4-r7, pc}
	.size \name, . - \name
	.ltorg
	.endm

	@ What is read at an address that varies is written before, every time: each time it is another table.
	function snapshots
	lsls r0, #7
	adds r0, r6
1:
	str r5, [r6, #64]
	ldr r1, [r0]
	done snapshots

	@ Each store goes over another range.
	function ranges
	lsls r0, #5
	adds r0, r6
1:
	str r5, [r0]
	adds r0, #4
	done ranges

	@ Half the flash may be read, time and again.
	function constants
	lsls r0, #11
	ldr r6, =0x08000000
	adds r0, r6
1:
	ldrb r1, [r0]
	done constants

	.section .first, "aw", %nobits
	.global buffer
	.type buffer, %object
	.size buffer, 16
buffer:
	.space 1024
