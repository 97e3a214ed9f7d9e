// SPDX-License-Identifier: GPL-2.0
/*
 * monje_virtual: eight channels, sampled every period, in a ring that user space maps and reads.
 *
 *   timer (hard interrupt) ---> record n ---> ring ---> mmap, read, poll
 *      ^ counters of the CPU        ^ held value of the sensor
 *      |                            |
 *   one CPU                      thread: INA219 over I2C, thermal zone (both sleep)
 *
 * Locks, outermost first: control (start, stop, period, CPU), then sensor_lock (which client is read). A reader's own lock
 * is its file's. The timer takes nothing but held_lock, for the length of a copy.
 */
#define pr_fmt(fmt) KBUILD_MODNAME ": " fmt

#include <linux/cpu.h>
#include <linux/cpuhotplug.h>
#include <linux/delay.h>
#include <linux/irq_work.h>
#include <linux/kthread.h>
#include <linux/log2.h>
#include <linux/miscdevice.h>
#include <linux/module.h>
#include <linux/perf_event.h>
#include <linux/poll.h>
#include <linux/slab.h>
#include <linux/suspend.h>
#include <linux/thermal.h>
#include <linux/uaccess.h>
#include <linux/vmalloc.h>

#include "compat.h"
#include "fixed.h"
#include "monje_virtual.h"

#ifndef CONFIG_64BIT
#error "the header's 64-bit fields are read in one piece on 64-bit machines only"
#endif

static uint records = 4096;
module_param(records, uint, 0444);
MODULE_PARM_DESC(records, "slots of the ring, a power of two from 64 to 65536");
static ulong period_ns = MONJE_MIN_PERIOD_NS;
module_param(period_ns, ulong, 0444);
MODULE_PARM_DESC(period_ns, "sampling period at loading, 50000 to 1000000000");
static int cpu;
module_param(cpu, int, 0444);
MODULE_PARM_DESC(cpu, "CPU that is sampled");
static int i2c_bus = -1;
module_param(i2c_bus, int, 0444);
MODULE_PARM_DESC(i2c_bus, "number of the adapter with an INA219; -1: none");
static ushort i2c_address = 0x40;
module_param(i2c_address, ushort, 0444);
MODULE_PARM_DESC(i2c_address, "its address, 0x40 to 0x4f");
static uint shunt_uohm = 100000;
module_param(shunt_uohm, uint, 0444);
MODULE_PARM_DESC(shunt_uohm, "its shunt, 1000 to 10000000 uOhm");
static uint max_age_us = 100000;
module_param(max_age_us, uint, 0444);
MODULE_PARM_DESC(max_age_us, "a held value older than this is no value");
static char *zone;
module_param(zone, charp, 0444);
MODULE_PARM_DESC(zone, "type of the thermal zone whose temperature is taken");
static int fail_at;
module_param(fail_at, int, 0444);
MODULE_PARM_DESC(fail_at, "for tests: let step N of loading fail");

#define INA219_CONFIG 0
#define INA219_SHUNT 1
#define INA219_BUS 2
#define INA219_POWER 3
#define INA219_CALIBRATION 5
#define INA219_CONTINUOUS 0x399f /* 32 V, 320 mV, 12 bits (532 us each), shunt and bus, again and again */

#define EVENTS 4
#define TEMPERATURE_EVERY_NS (10 * NSEC_PER_MSEC)

/* Which counter is which channel; L1D read misses stand for themselves, not for those of some other cache. */
static const struct {
	u32 type;
	u64 config;
	int channel;
} counted[EVENTS] = {
	{ PERF_TYPE_HARDWARE, PERF_COUNT_HW_CPU_CYCLES, MONJE_CYCLES },
	{ PERF_TYPE_HARDWARE, PERF_COUNT_HW_INSTRUCTIONS, MONJE_INSTRUCTIONS },
	{ PERF_TYPE_HW_CACHE,
	  PERF_COUNT_HW_CACHE_L1D | PERF_COUNT_HW_CACHE_OP_READ << 8 | PERF_COUNT_HW_CACHE_RESULT_MISS << 16,
	  MONJE_L1D_MISSES },
	{ PERF_TYPE_HARDWARE, PERF_COUNT_HW_BRANCH_MISSES, MONJE_BRANCH_MISSES },
};

/* What the thread has read last, for the timer to take. */
struct held {
	u64 power_at_ns; /* 0: never */
	s64 power_nw;
	bool overflow;
	u64 temperature_at_ns;
	s64 temperature_mc;
};

/* One period's channels. */
struct sampled {
	s64 value[MONJE_CHANNELS];
	u8 available;
};

struct recorder {
	struct miscdevice misc;
	struct mutex control;
	u32 state;
	bool resume; /* was running when the machine was suspended */
	int cpu, leaving;
	struct work_struct move;
	enum cpuhp_state hotplug;
	struct notifier_block power;

	void *area;
	struct monje_header *header;
	struct monje_record *ring;
	size_t area_bytes;

	/* The timer's own. */
	struct hrtimer timer;
	ktime_t period;
	u64 head, missed, last_ns;
	u32 flags;
	struct sampled past[MONJE_LAGS];
	u32 now; /* where in `past` this period goes */
	s64 mean_energy;
	bool has_mean;
	struct perf_event *events[EVENTS];
	u64 counts[EVENTS];
	bool counts_known[EVENTS];

	wait_queue_head_t readers;
	struct irq_work wake;
	u32 wake_every, since_wake;
	spinlock_t files_lock;
	struct list_head files;

	raw_spinlock_t held_lock;
	struct held held;
	struct task_struct *thread;
	struct mutex sensor_lock;
	struct i2c_client *client; /* the one that is read */
	struct i2c_client *own_client; /* the one that we made; whoever takes it from here also puts the adapter */
	struct notifier_block devices;
	struct i2c_adapter *adapter;
	u64 sensor_reads, sensor_errors, sensor_overflows;
	struct thermal_zone_device *thermal;
};

struct reader {
	struct list_head list;
	struct mutex lock;
	u64 tail, dropped;
	u32 wakeup;
};

static struct recorder *recorder;

/* ---- a record, in hard interrupt context ---- */

static void take(struct sampled *now, int channel, s64 value)
{
	now->value[channel] = value;
	now->available |= 1 << channel;
}

static void take_counters(struct recorder *r, struct sampled *now)
{
	int i;

	for (i = 0; i < EVENTS; i++) {
		struct perf_event *event = r->events[i];
		u64 count;

		/* Only an event that counts on this CPU can be read from here. */
		if (!event || event->state != PERF_EVENT_STATE_ACTIVE || event->oncpu != smp_processor_id()) {
			r->counts_known[i] = false;
			continue;
		}
		event->pmu->read(event);
		count = local64_read(&event->count);
		if (r->counts_known[i])
			take(now, counted[i].channel, fixed(count - r->counts[i]));
		r->counts[i] = count;
		r->counts_known[i] = true;
	}
}

static void take_held(struct recorder *r, struct sampled *now, struct monje_record *record, u64 at_ns)
{
	u64 oldest = at_ns > max_age_us * 1000ULL ? at_ns - max_age_us * 1000ULL : 0;
	struct held held;

	raw_spin_lock(&r->held_lock);
	held = r->held;
	raw_spin_unlock(&r->held_lock);
	if (held.power_at_ns && held.power_at_ns >= oldest) {
		record->energy_age_ns = at_ns > held.power_at_ns ? at_ns - held.power_at_ns : 0;
		if (held.overflow) {
			record->flags |= MONJE_OVERFLOW;
		} else {
			s64 energy = energy_uj(held.power_nw, at_ns - r->last_ns);

			take(now, MONJE_ENERGY, energy);
			if (r->has_mean)
				take(now, MONJE_NOISE, energy - r->mean_energy);
			r->mean_energy = r->has_mean ? moving_mean(r->mean_energy, energy) : energy;
			r->has_mean = true;
		}
	}
	if (held.temperature_at_ns && held.temperature_at_ns >= oldest)
		take(now, MONJE_TEMPERATURE, fixed_ratio(held.temperature_mc, 1000));
}

static void lay_out(struct recorder *r, struct monje_record *record)
{
	int lag, channel;

	record->available[0] = record->available[1] = 0;
	for (lag = 0; lag < MONJE_LAGS; lag++) {
		const struct sampled *then = &r->past[(r->now + MONJE_LAGS - lag) % MONJE_LAGS];

		for (channel = 0; channel < MONJE_CHANNELS; channel++) {
			int dim = MONJE_CHANNELS * lag + channel;
			bool there = then->available & 1 << channel;

			record->dim[dim] = there ? then->value[channel] : 0;
			if (there)
				record->available[dim / 64] |= 1ULL << dim % 64;
		}
	}
}

static struct sampled *next_period(struct recorder *r)
{
	r->now = (r->now + 1) % MONJE_LAGS;
	memset(&r->past[r->now], 0, sizeof(r->past[r->now]));
	return &r->past[r->now];
}

static enum hrtimer_restart on_tick(struct hrtimer *timer)
{
	struct recorder *r = container_of(timer, struct recorder, timer);
	u64 due_ns = ktime_to_ns(hrtimer_get_expires(timer)), at_ns = ktime_get_ns(), n = r->head, late, gap;
	struct monje_record *record = &r->ring[n & (records - 1)];
	struct sampled *now = next_period(r);

	WRITE_ONCE(record->sequence, 2 * n + 1);
	smp_wmb(); /* a copy that holds anything new also sees the odd sequence */
	record->timestamp_ns = due_ns;
	record->cpu = smp_processor_id();
	record->flags = r->flags;
	record->energy_age_ns = 0;
	take_counters(r, now);
	take_held(r, now, record, at_ns);
	r->last_ns = at_ns;
	r->flags = 0;

	gap = hrtimer_forward_now(timer, r->period) - 1;
	late = ktime_get_ns();
	take(now, MONJE_LATENCY, fixed_ratio(late > due_ns ? late - due_ns : 0, 1000));
	lay_out(r, record);
	smp_wmb(); /* whoever sees the even sequence sees the whole record */
	WRITE_ONCE(record->sequence, 2 * n + 2);

	if (gap) {
		r->missed += gap;
		r->flags = MONJE_GAP;
		for (gap = min_t(u64, gap, MONJE_LAGS); gap; gap--)
			next_period(r);
		WRITE_ONCE(r->header->missed, r->missed);
	}
	r->head = n + 1;
	smp_store_release(&r->header->head, n + 1);
	if (++r->since_wake >= READ_ONCE(r->wake_every)) {
		r->since_wake = 0;
		irq_work_queue(&r->wake);
	}
	return HRTIMER_RESTART;
}

static void on_wake(struct irq_work *work)
{
	wake_up_interruptible(&container_of(work, struct recorder, wake)->readers);
}

/* ---- start, stop, and what makes it necessary; all under `control` ---- */

static void set_state(struct recorder *r, u32 state)
{
	WRITE_ONCE(r->state, state);
	WRITE_ONCE(r->header->state, state);
}

static void start_here(void *data)
{
	struct recorder *r = data;

	r->last_ns = ktime_get_ns();
	hrtimer_start(&r->timer, r->period, HRTIMER_MODE_REL_PINNED_HARD);
}

static int start_timer(struct recorder *r)
{
	int err;

	memset(r->past, 0, sizeof(r->past));
	memset(r->counts_known, 0, sizeof(r->counts_known));
	r->has_mean = false;
	r->flags = MONJE_FIRST;
	r->since_wake = 0;
	err = smp_call_function_single(r->cpu, start_here, r, 1);
	if (err)
		return err;
	WRITE_ONCE(r->header->starts, r->header->starts + 1);
	set_state(r, MONJE_RUNNING);
	return 0;
}

static void stop_timer(struct recorder *r, u32 state)
{
	hrtimer_cancel(&r->timer);
	irq_work_sync(&r->wake);
	set_state(r, state);
	wake_up_interruptible(&r->readers);
}

static int start_recorder(struct recorder *r)
{
	int err = 0;

	mutex_lock(&r->control);
	if (r->state == MONJE_SUSPENDED)
		err = -EBUSY;
	else if (r->state == MONJE_STOPPED)
		err = start_timer(r);
	mutex_unlock(&r->control);
	return err;
}

static void stop_recorder(struct recorder *r)
{
	mutex_lock(&r->control);
	r->resume = false;
	if (r->state == MONJE_RUNNING)
		stop_timer(r, MONJE_STOPPED);
	else
		set_state(r, MONJE_STOPPED);
	mutex_unlock(&r->control);
}

static int set_period(struct recorder *r, u64 ns)
{
	int err = 0;

	if (ns < MONJE_MIN_PERIOD_NS || ns > MONJE_MAX_PERIOD_NS)
		return -EINVAL;
	mutex_lock(&r->control);
	if (r->state == MONJE_RUNNING)
		stop_timer(r, MONJE_RUNNING);
	r->period = ns_to_ktime(ns);
	WRITE_ONCE(r->header->period_ns, ns);
	if (r->state == MONJE_RUNNING) {
		err = start_timer(r);
		if (err)
			stop_timer(r, MONJE_STOPPED); /* whoever waits for a record is told */
	}
	mutex_unlock(&r->control);
	return err;
}

static void open_counters(struct recorder *r)
{
	int i;

	for (i = 0; i < EVENTS; i++) {
		struct perf_event_attr attr = {
			.type = counted[i].type,
			.config = counted[i].config,
			.size = sizeof(attr),
			.pinned = 1,
		};
		struct perf_event *event = perf_event_create_kernel_counter(&attr, r->cpu, NULL, NULL, NULL);

		r->events[i] = IS_ERR(event) ? NULL : event;
		r->counts_known[i] = false;
	}
}

static void close_counters(struct recorder *r)
{
	int i;

	for (i = 0; i < EVENTS; i++) {
		if (r->events[i])
			perf_event_release_kernel(r->events[i]);
		r->events[i] = NULL;
	}
}

/* The sampled CPU goes offline: sample another. Not in the callback itself, where no counter can be made. */
static void move_away(struct work_struct *work)
{
	struct recorder *r = container_of(work, struct recorder, move);
	int to, err = 0;

	mutex_lock(&r->control);
	to = cpumask_any_but(cpu_online_mask, r->leaving);
	if (r->cpu == r->leaving && to < nr_cpu_ids) {
		bool running = r->state == MONJE_RUNNING;

		hrtimer_cancel(&r->timer);
		close_counters(r);
		r->cpu = to;
		open_counters(r);
		if (running)
			err = start_timer(r);
		if (err)
			stop_timer(r, MONJE_STOPPED);
		pr_info("CPU %d goes offline, CPU %d is sampled now\n", r->leaving, to);
	}
	mutex_unlock(&r->control);
}

static int on_cpu_down(unsigned int going)
{
	struct recorder *r = recorder;

	if (r && READ_ONCE(r->cpu) == (int)going) {
		WRITE_ONCE(r->leaving, going);
		schedule_work(&r->move);
	}
	return 0;
}

static int on_power(struct notifier_block *block, unsigned long event, void *data)
{
	struct recorder *r = container_of(block, struct recorder, power);

	mutex_lock(&r->control);
	if (event == PM_SUSPEND_PREPARE || event == PM_HIBERNATION_PREPARE) {
		if (r->state == MONJE_RUNNING) {
			r->resume = true;
			stop_timer(r, MONJE_SUSPENDED);
		}
	} else if (event == PM_POST_SUSPEND || event == PM_POST_HIBERNATION) {
		if (r->resume && start_timer(r))
			stop_timer(r, MONJE_STOPPED);
		r->resume = false;
	}
	mutex_unlock(&r->control);
	return NOTIFY_DONE;
}

/* ---- the sensor and the thermal zone, in a thread ---- */

static int read_word(struct i2c_client *client, u8 reg, u16 *word)
{
	/* The chip sends the high byte first, SMBus words have the low one first. */
	s32 got = i2c_smbus_read_word_swapped(client, reg);

	if (got < 0)
		return got;
	*word = got;
	return 0;
}

/* Take a new conversion over, if there is one; return 1 if so. */
static int read_sensor(struct i2c_client *client, struct held *held)
{
	u16 bus, shunt, power;
	int err;

	err = read_word(client, INA219_BUS, &bus);
	if (err)
		return err;
	if (!ina219_ready(bus))
		return 0;
	err = read_word(client, INA219_SHUNT, &shunt);
	if (!err)
		err = read_word(client, INA219_POWER, &power); /* which says that this conversion was seen */
	if (err)
		return err;
	held->overflow = ina219_overflow(bus) || ina219_shunt_at_end(shunt);
	held->power_nw = ina219_power_nw(ina219_bus_uv(bus), ina219_current_na(ina219_shunt_nv(shunt), shunt_uohm));
	held->power_at_ns = ktime_get_ns();
	return 1;
}

static void look_at_sensor(struct recorder *r, struct held *held)
{
	int got = 0;

	mutex_lock(&r->sensor_lock);
	if (r->client)
		got = read_sensor(r->client, held);
	mutex_unlock(&r->sensor_lock);
	if (got < 0)
		WRITE_ONCE(r->header->sensor_errors, ++r->sensor_errors);
	if (got <= 0)
		return;
	WRITE_ONCE(r->header->sensor_reads, ++r->sensor_reads);
	if (held->overflow)
		WRITE_ONCE(r->header->sensor_overflows, ++r->sensor_overflows);
}

static int watch(void *data)
{
	struct recorder *r = data;
	struct held held = {};

	while (!kthread_should_stop()) {
		u64 now_ns = ktime_get_ns();
		unsigned long flags;
		int mc;

		look_at_sensor(r, &held);
		if (r->thermal && now_ns - held.temperature_at_ns >= TEMPERATURE_EVERY_NS &&
		    !thermal_zone_get_temp(r->thermal, &mc)) {
			held.temperature_mc = mc;
			held.temperature_at_ns = now_ns;
		}
		raw_spin_lock_irqsave(&r->held_lock, flags);
		r->held = held;
		raw_spin_unlock_irqrestore(&r->held_lock, flags);
		if (READ_ONCE(r->state) == MONJE_RUNNING)
			usleep_range(200, 400); /* two conversions take 1,064 us */
		else
			msleep_interruptible(20);
	}
	return 0;
}

static int probe_sensor(struct i2c_client *client)
{
	struct recorder *r = recorder;
	int err;

	if (!i2c_check_functionality(client->adapter, I2C_FUNC_SMBUS_WORD_DATA))
		return -EOPNOTSUPP;
	err = i2c_smbus_write_word_swapped(client, INA219_CONFIG, INA219_CONTINUOUS);
	if (!err)
		err = i2c_smbus_write_word_swapped(client, INA219_CALIBRATION,
						   ina219_calibration(ina219_lsb_na(shunt_uohm), shunt_uohm));
	if (err < 0)
		return dev_err_probe(&client->dev, err, "no INA219 answers\n");
	mutex_lock(&r->sensor_lock);
	if (r->client)
		err = -EBUSY;
	else
		r->client = client;
	mutex_unlock(&r->sensor_lock);
	return err;
}

static void forget_sensor(struct i2c_client *client)
{
	struct recorder *r = recorder;

	mutex_lock(&r->sensor_lock);
	if (r->client == client)
		r->client = NULL;
	mutex_unlock(&r->sensor_lock);
}

COMPAT_I2C_REMOVE(remove_sensor, forget_sensor)

/* A name of our own: hwmon's driver takes "ina219". */
static const struct i2c_device_id sensor_ids[] = { { "monje-ina219" }, {} };
MODULE_DEVICE_TABLE(i2c, sensor_ids);

static struct i2c_driver sensor_driver = {
	.driver = { .name = "monje-ina219" },
	.COMPAT_I2C_PROBE = probe_sensor,
	.remove = remove_sensor,
	.id_table = sensor_ids,
};

/* A bus that goes takes the client that we made with it, and waits until nobody holds its adapter. */
static int on_device(struct notifier_block *block, unsigned long event, void *data)
{
	struct recorder *r = container_of(block, struct recorder, devices);
	struct i2c_client *client = i2c_verify_client(data);

	if (event == BUS_NOTIFY_DEL_DEVICE && client && cmpxchg(&r->own_client, client, NULL) == client)
		i2c_put_adapter(r->adapter);
	return NOTIFY_DONE;
}

static int add_sensor(struct recorder *r)
{
	struct i2c_board_info info = { I2C_BOARD_INFO("monje-ina219", i2c_address) };
	struct i2c_client *client;

	if (i2c_bus < 0)
		return 0;
	r->adapter = i2c_get_adapter(i2c_bus);
	if (!r->adapter)
		return -ENODEV;
	client = i2c_new_client_device(r->adapter, &info);
	if (IS_ERR(client)) {
		i2c_put_adapter(r->adapter);
		return PTR_ERR(client);
	}
	WRITE_ONCE(r->own_client, client);
	if (!i2c_client_has_driver(client))
		pr_warn("no INA219 answers at 0x%02x of bus %d: energy is not available\n", i2c_address, i2c_bus);
	return 0;
}

static void remove_own_sensor(struct recorder *r)
{
	struct i2c_client *client = xchg(&r->own_client, NULL);

	if (!client)
		return;
	i2c_unregister_device(client);
	i2c_put_adapter(r->adapter); /* only now: its driver must outlive the client */
}

/* ---- files ---- */

/* Wake as often as the most impatient file asks for; under files_lock. */
static void set_wake_every(struct recorder *r)
{
	struct reader *reader;
	u32 least = records / 2;

	list_for_each_entry(reader, &r->files, list)
		least = min(least, reader->wakeup);
	WRITE_ONCE(r->wake_every, least);
}

static u64 head_of(struct recorder *r)
{
	return smp_load_acquire(&r->header->head);
}

static int monje_open(struct inode *inode, struct file *file)
{
	struct reader *reader = kzalloc(sizeof(*reader), GFP_KERNEL);

	if (!reader)
		return -ENOMEM;
	mutex_init(&reader->lock);
	reader->tail = head_of(recorder);
	reader->wakeup = min_t(u32, 64, records / 2);
	spin_lock(&recorder->files_lock);
	list_add(&reader->list, &recorder->files);
	set_wake_every(recorder);
	spin_unlock(&recorder->files_lock);
	file->private_data = reader;
	return nonseekable_open(inode, file);
}

static int monje_release(struct inode *inode, struct file *file)
{
	struct reader *reader = file->private_data;

	spin_lock(&recorder->files_lock);
	list_del(&reader->list);
	set_wake_every(recorder);
	spin_unlock(&recorder->files_lock);
	kfree(reader);
	return 0;
}

static bool over(struct recorder *r)
{
	return READ_ONCE(r->state) == MONJE_STOPPED;
}

/* Wait for a record, under the file's lock; 0 with none there: sampling was stopped. */
static int wait_for_record(struct recorder *r, struct reader *reader, bool nonblocking)
{
	if (head_of(r) != reader->tail)
		return 0;
	if (over(r))
		return 0;
	if (nonblocking)
		return -EAGAIN;
	return wait_event_interruptible(r->readers, head_of(r) != reader->tail || over(r));
}

/* Skip what was overwritten before it was read. */
static void catch_up(struct reader *reader, u64 head)
{
	if (head - reader->tail > records) {
		reader->dropped += head - records - reader->tail;
		reader->tail = head - records;
	}
}

static ssize_t monje_read(struct file *file, char __user *to, size_t count, loff_t *position)
{
	struct recorder *r = recorder;
	struct reader *reader = file->private_data;
	size_t done = 0;
	int err;

	if (count < sizeof(struct monje_record))
		return -EINVAL;
	if (mutex_lock_interruptible(&reader->lock))
		return -ERESTARTSYS;
	err = wait_for_record(r, reader, file->f_flags & O_NONBLOCK);
	while (!err && count - done >= sizeof(struct monje_record)) {
		u64 head = head_of(r);
		struct monje_record *record;

		if (head == reader->tail)
			break;
		catch_up(reader, head);
		record = &r->ring[reader->tail & (records - 1)];
		if (copy_to_user(to + done, record, sizeof(*record))) {
			err = -EFAULT;
			break;
		}
		smp_rmb(); /* the copy before the sequence that vouches for it */
		if (READ_ONCE(record->sequence) == 2 * reader->tail + 2)
			done += sizeof(*record);
		else
			reader->dropped++;
		reader->tail++;
	}
	mutex_unlock(&reader->lock);
	return done ? done : err;
}

static ssize_t monje_write(struct file *file, const char __user *from, size_t count, loff_t *position)
{
	char buffer[16] = {};
	char *word;
	int err = 0;

	if (count >= sizeof(buffer))
		return -EINVAL;
	if (copy_from_user(buffer, from, count))
		return -EFAULT;
	word = strim(buffer);
	if (!strcmp(word, "start"))
		err = start_recorder(recorder);
	else if (!strcmp(word, "stop"))
		stop_recorder(recorder);
	else if (!strcmp(word, "status"))
		pr_info("state %u, period %llu ns, %llu records, %llu periods missed\n", READ_ONCE(recorder->state),
			READ_ONCE(recorder->header->period_ns), head_of(recorder), READ_ONCE(recorder->header->missed));
	else
		err = -EINVAL;
	return err ? err : count;
}

static __poll_t monje_poll(struct file *file, poll_table *wait)
{
	struct recorder *r = recorder;
	struct reader *reader = file->private_data;
	u64 unread;

	poll_wait(file, &r->readers, wait);
	unread = head_of(r) - READ_ONCE(reader->tail);
	if (over(r))
		return unread ? EPOLLIN | EPOLLRDNORM : EPOLLIN | EPOLLRDNORM | EPOLLHUP;
	return unread >= READ_ONCE(reader->wakeup) ? EPOLLIN | EPOLLRDNORM : 0;
}

static int monje_mmap(struct file *file, struct vm_area_struct *vma)
{
	if (vma->vm_flags & VM_WRITE)
		return -EPERM;
	if (vma->vm_pgoff || vma->vm_end - vma->vm_start > recorder->area_bytes)
		return -EINVAL;
	compat_vm_flags_clear(vma, VM_MAYWRITE);
	return remap_vmalloc_range(vma, recorder->area, 0);
}

static int tell_status(struct recorder *r, struct reader *reader, void __user *to)
{
	struct monje_status status = {
		.state = READ_ONCE(r->state),
		.wakeup = READ_ONCE(reader->wakeup),
		.period_ns = READ_ONCE(r->header->period_ns),
		.missed = READ_ONCE(r->header->missed),
	};

	mutex_lock(&reader->lock);
	status.head = head_of(r);
	catch_up(reader, status.head);
	status.tail = reader->tail;
	status.dropped = reader->dropped;
	mutex_unlock(&reader->lock);
	return copy_to_user(to, &status, sizeof(status)) ? -EFAULT : 0;
}

static int set_wakeup(struct recorder *r, struct reader *reader, u32 wanted)
{
	if (!wanted || wanted > records / 2)
		return -EINVAL;
	spin_lock(&r->files_lock);
	WRITE_ONCE(reader->wakeup, wanted);
	set_wake_every(r);
	spin_unlock(&r->files_lock);
	return 0;
}

static int acknowledge(struct recorder *r, struct reader *reader, u64 before)
{
	int err = 0;

	mutex_lock(&reader->lock);
	catch_up(reader, head_of(r));
	if (before > head_of(r))
		err = -EINVAL;
	else if (before > reader->tail)
		WRITE_ONCE(reader->tail, before);
	mutex_unlock(&reader->lock);
	return err;
}

static long monje_ioctl(struct file *file, unsigned int command, unsigned long argument)
{
	struct reader *reader = file->private_data;
	void __user *user = (void __user *)argument;
	bool may_control = file->f_mode & FMODE_WRITE;
	u64 wide;
	u32 narrow;

	switch (command) {
	case MONJE_IOC_START:
		return may_control ? start_recorder(recorder) : -EACCES;
	case MONJE_IOC_STOP:
		if (!may_control)
			return -EACCES;
		stop_recorder(recorder);
		return 0;
	case MONJE_IOC_STATUS:
		return tell_status(recorder, reader, user);
	case MONJE_IOC_PERIOD:
		if (!may_control)
			return -EACCES;
		return copy_from_user(&wide, user, sizeof(wide)) ? -EFAULT : set_period(recorder, wide);
	case MONJE_IOC_WAKEUP:
		return copy_from_user(&narrow, user, sizeof(narrow)) ? -EFAULT : set_wakeup(recorder, reader, narrow);
	case MONJE_IOC_ACK:
		return copy_from_user(&wide, user, sizeof(wide)) ? -EFAULT : acknowledge(recorder, reader, wide);
	}
	return -ENOTTY;
}

static const struct file_operations monje_operations = {
	.owner = THIS_MODULE,
	.open = monje_open,
	.release = monje_release,
	.read = monje_read,
	.write = monje_write,
	.poll = monje_poll,
	.mmap = monje_mmap,
	.unlocked_ioctl = monje_ioctl,
	.compat_ioctl = compat_ptr_ioctl,
	COMPAT_NO_LLSEEK
};

/* ---- sysfs ---- */

static ssize_t state_show(struct device *device, struct device_attribute *attribute, char *to)
{
	static const char *const words[] = { "stopped", "running", "suspended" };

	return sysfs_emit(to, "%s\n", words[READ_ONCE(recorder->state)]);
}

static ssize_t state_store(struct device *device, struct device_attribute *attribute, const char *from, size_t count)
{
	int err = 0;

	if (sysfs_streq(from, "start"))
		err = start_recorder(recorder);
	else if (sysfs_streq(from, "stop"))
		stop_recorder(recorder);
	else
		err = -EINVAL;
	return err ? err : count;
}
static DEVICE_ATTR_RW(state);

static ssize_t period_ns_show(struct device *device, struct device_attribute *attribute, char *to)
{
	return sysfs_emit(to, "%llu\n", READ_ONCE(recorder->header->period_ns));
}

static ssize_t period_ns_store(struct device *device, struct device_attribute *attribute, const char *from, size_t count)
{
	u64 ns;
	int err = kstrtou64(from, 0, &ns);

	if (!err)
		err = set_period(recorder, ns);
	return err ? err : count;
}
static DEVICE_ATTR_RW(period_ns);

#define SHOW_FIELD(field)                                                                                              \
	static ssize_t field##_show(struct device *device, struct device_attribute *attribute, char *to)              \
	{                                                                                                              \
		return sysfs_emit(to, "%llu\n", READ_ONCE(recorder->header->field));                                  \
	}                                                                                                              \
	static DEVICE_ATTR_RO(field)

SHOW_FIELD(head);
SHOW_FIELD(missed);
SHOW_FIELD(starts);
SHOW_FIELD(sensor_reads);
SHOW_FIELD(sensor_errors);
SHOW_FIELD(sensor_overflows);

static ssize_t sampled_cpu_show(struct device *device, struct device_attribute *attribute, char *to)
{
	return sysfs_emit(to, "%d\n", READ_ONCE(recorder->cpu));
}
static DEVICE_ATTR_RO(sampled_cpu);

static struct attribute *monje_attrs[] = {
	&dev_attr_state.attr,	    &dev_attr_period_ns.attr,	 &dev_attr_head.attr,
	&dev_attr_missed.attr,	    &dev_attr_starts.attr,	 &dev_attr_sensor_reads.attr,
	&dev_attr_sensor_errors.attr, &dev_attr_sensor_overflows.attr, &dev_attr_sampled_cpu.attr,
	NULL,
};
ATTRIBUTE_GROUPS(monje);

/* ---- loading and unloading ---- */

static int check_parameters(void)
{
	if (records < 64 || records > 65536 || !is_power_of_2(records))
		return -EINVAL;
	if (period_ns < MONJE_MIN_PERIOD_NS || period_ns > MONJE_MAX_PERIOD_NS)
		return -EINVAL;
	if (cpu < 0 || cpu >= nr_cpu_ids || !cpu_online(cpu))
		return -EINVAL;
	if (i2c_bus < -1 || i2c_address < 0x40 || i2c_address > 0x4f)
		return -EINVAL;
	if (shunt_uohm < 1000 || shunt_uohm > 10000000 || !max_age_us || max_age_us > 10000000)
		return -EINVAL;
	return 0;
}

static int make_area(struct recorder *r)
{
	r->area_bytes = PAGE_ALIGN(PAGE_SIZE + (size_t)records * sizeof(struct monje_record));
	r->area = vmalloc_user(r->area_bytes);
	if (!r->area)
		return -ENOMEM;
	r->header = r->area;
	r->ring = r->area + PAGE_SIZE;
	*r->header = (struct monje_header){
		.magic = MONJE_MAGIC,
		.version = MONJE_VERSION,
		.header_bytes = PAGE_SIZE,
		.record_bytes = sizeof(struct monje_record),
		.records = records,
		.dims = MONJE_DIMS,
		.fraction_bits = MONJE_FRACTION_BITS,
		.period_ns = period_ns,
	};
	return 0;
}

static void init_recorder(struct recorder *r)
{
	mutex_init(&r->control);
	mutex_init(&r->sensor_lock);
	spin_lock_init(&r->files_lock);
	raw_spin_lock_init(&r->held_lock);
	INIT_LIST_HEAD(&r->files);
	INIT_WORK(&r->move, move_away);
	init_waitqueue_head(&r->readers);
	init_irq_work(&r->wake, on_wake);
	compat_hrtimer_setup(&r->timer, on_tick, CLOCK_MONOTONIC, HRTIMER_MODE_REL_PINNED_HARD);
	r->period = ns_to_ktime(period_ns);
	r->cpu = cpu;
	r->leaving = -1;
	r->wake_every = records / 2;
	r->power.notifier_call = on_power;
	r->devices.notifier_call = on_device;
	r->misc = (struct miscdevice){
		.minor = MISC_DYNAMIC_MINOR,
		.name = "monje_virtual",
		.fops = &monje_operations,
		.groups = monje_groups,
		.mode = 0660,
	};
}

/* What a step of loading returns, or the error that a test asks for there. */
static int step(int number, int err)
{
	return err ? err : fail_at == number ? -EIO : 0;
}

static int __init monje_init(void)
{
	struct recorder *r;
	int err = check_parameters();

	if (err)
		return err;
	r = kzalloc(sizeof(*r), GFP_KERNEL);
	if (!r)
		return -ENOMEM;
	init_recorder(r);
	recorder = r;
	err = make_area(r);
	if (err)
		goto free_recorder;
	err = step(1, 0);
	if (err)
		goto free_area;
	if (zone) {
		r->thermal = thermal_zone_get_zone_by_name(zone);
		if (IS_ERR(r->thermal)) {
			pr_warn("no thermal zone %s: temperature is not available\n", zone);
			r->thermal = NULL;
		}
	}
	open_counters(r);
	err = step(2, 0);
	if (err)
		goto close_events;
	err = i2c_add_driver(&sensor_driver);
	if (err)
		goto close_events;
	err = step(3, 0);
	if (err)
		goto delete_driver;
	err = bus_register_notifier(&i2c_bus_type, &r->devices);
	if (err)
		goto delete_driver;
	err = step(4, 0);
	if (err)
		goto forget_devices;
	err = add_sensor(r);
	if (err)
		goto forget_devices;
	err = step(5, 0);
	if (err)
		goto remove_sensor;
	r->thread = kthread_run(watch, r, "monje_watch");
	if (IS_ERR(r->thread)) {
		err = PTR_ERR(r->thread);
		goto remove_sensor;
	}
	err = step(6, 0);
	if (err)
		goto stop_thread;
	err = cpuhp_setup_state_nocalls(CPUHP_AP_ONLINE_DYN, "monje_virtual", NULL, on_cpu_down);
	if (err < 0)
		goto stop_thread;
	r->hotplug = err;
	err = step(7, 0);
	if (err)
		goto remove_hotplug;
	err = register_pm_notifier(&r->power);
	if (err)
		goto remove_hotplug;
	err = step(8, 0);
	if (err)
		goto remove_power;
	err = misc_register(&r->misc);
	if (err)
		goto remove_power;
	err = step(9, 0);
	if (err)
		goto deregister;
	pr_info("%u records of %zu bytes every %lu ns on CPU %d\n", records, sizeof(struct monje_record), period_ns, cpu);
	return 0;

deregister:
	misc_deregister(&r->misc);
remove_power:
	unregister_pm_notifier(&r->power);
remove_hotplug:
	cpuhp_remove_state_nocalls(r->hotplug);
	cancel_work_sync(&r->move);
stop_thread:
	kthread_stop(r->thread);
remove_sensor:
	remove_own_sensor(r);
forget_devices:
	bus_unregister_notifier(&i2c_bus_type, &r->devices);
delete_driver:
	i2c_del_driver(&sensor_driver);
close_events:
	close_counters(r);
free_area:
	vfree(r->area);
free_recorder:
	recorder = NULL;
	kfree(r);
	return err;
}

static void __exit monje_exit(void)
{
	struct recorder *r = recorder;

	/* No file is open any more, or the module could not be removed. */
	misc_deregister(&r->misc);
	unregister_pm_notifier(&r->power);
	cpuhp_remove_state_nocalls(r->hotplug);
	cancel_work_sync(&r->move);
	stop_recorder(r);
	kthread_stop(r->thread);
	remove_own_sensor(r);
	bus_unregister_notifier(&i2c_bus_type, &r->devices);
	i2c_del_driver(&sensor_driver);
	close_counters(r);
	vfree(r->area);
	recorder = NULL;
	kfree(r);
}

module_init(monje_init);
module_exit(monje_exit);
MODULE_LICENSE("GPL");
MODULE_DESCRIPTION("Recorder of 72-dimension measurement records");
MODULE_VERSION("1.0");
