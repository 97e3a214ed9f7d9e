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

	@ Addresses around an end of what there is: r4, which the last byte of the input moves.
	.macro around name, end
	.global \name
	.type \name, %function
	.thumb_func
\name:
	ldr r3, =buffer
	ldr r4, =\end - 16
	ldrb r1, [r3, #15]
	lsls r1, #27
	lsrs r1, #27
	adds r4, r1
	ldrb r0, [r3]
	.endm

	.macro ends name
	str r0, [r3]
	bx lr
	.size \name, . - \name
	.ltorg
	.endm

	.irp end, 0x20000000, 0x20001000, 0x20002000, 0x08000000, 0x08100000, 0x00000000
	around bytes_\end, \end
	ldrb r0, [r4]
	ldrsb r2, [r4, r1]
	ends bytes_\end
	around halves_\end, \end
	ldrh r0, [r4]
	ldrsh r2, [r4, r1]
	ends halves_\end
	around words_\end, \end
	ldr r0, [r4]
	ends words_\end
	around stores_\end, \end
	str r0, [r4]
	strh r0, [r4, #2]
	strb r0, [r4, #5]
	ldr r0, [r4, #4]
	ends stores_\end
	.endr

	@ All lanes go over the border of two blocks, misaligned; what is there varies.
	.global border
	.type border, %function
	.thumb_func
border:
	ldr r3, =buffer
	ldr r4, =0x20001000 - 6
	ldr r0, [r3]
	str r0, [r4, #4]
	ldr r1, [r4, #5]
	strh r1, [r4, #5]
	ldrsh r2, [r4, #5]
	str r2, [r3, #4]
	ldr r0, [r4, #3]
	bx lr
	.size border, . - border
	.ltorg

	@ Inputs lie on one another and on the output.
	.global over
	.type over, %function
	.thumb_func
over:
	ldr r3, =buffer
	ldr r0, [r3, #4]
	ldr r1, [r3, #8]
	eors r0, r1
	str r0, [r3, #6]
	ldrb r1, [r3, #1]
	strb r1, [r3, #3]
	bx lr
	.size over, . - over
	.ltorg

	.macro inside name, from, length
	.global \name
	.type \name, %object
	.set \name, buffer + \from
	.size \name, \length
	.endm

	inside first_input, 1, 7
	inside second_input, 5, 9
	inside an_output, 3, 16

	.section .first, "aw", %nobits
	.global buffer
	.type buffer, %object
	.size buffer, 16
buffer:
	.space 1024
