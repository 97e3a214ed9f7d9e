//
// The INA219 current and power monitor for Renode, as renode/ina219.py has it: the same registers, times and decisions where
// the datasheet (TI SBOS448G) is silent. tests/renode/ina219_vectors.toml holds both to it.
//
//   include @/path/to/INA219.cs
//   machine LoadPlatformDescriptionFromString "ina: Sensors.INA219 @ i2c1 0x40"
//   i2c1.ina ShuntMicrovolts 1800
//   i2c1.ina BusMillivolts 3300
//
using System;

using Antmicro.Renode.Core;
using Antmicro.Renode.Peripherals.I2C;

namespace Antmicro.Renode.Peripherals.Sensors
{
    public class INA219 : II2CPeripheral
    {
        public INA219(IMachine machine)
        {
            this.machine = machine;
            words = new ushort[RegisterCount];
            Reset();
        }

        public void Reset()
        {
            now = Now();
            pointer = Configuration;
            ResetDevice();
        }

        // What a master wrote behind the address: a pointer, and a word for that register if there is one.
        public void Write(byte[] data)
        {
            Advance();
            if(data.Length == 0)
            {
                return;
            }
            pointer = data[0];
            if(data.Length < 3)
            {
                return;
            }
            var word = (ushort)((data[1] << 8) | data[2]);
            if(pointer == Calibration)
            {
                words[Calibration] = (ushort)(word & 0xFFFE); // bit 0 is void
            }
            else if(pointer == Configuration && (word & ResetBit) != 0)
            {
                ResetDevice();
            }
            else if(pointer == Configuration)
            {
                Configure((ushort)(word & ~UnusedBit));
            }
        }

        public byte[] Read(int count = 1)
        {
            Advance();
            var word = pointer < RegisterCount ? words[pointer] : (ushort)0;
            if(pointer == Power && count > 0)
            {
                words[Bus] = (ushort)(words[Bus] & ~Ready);
            }
            var result = new byte[count];
            for(var i = 0; i < count; i++)
            {
                result[i] = (byte)((i & 1) == 0 ? word >> 8 : word);
            }
            return result;
        }

        public void FinishTransmission()
        {
            // The pointer stays where it is: the device keeps it from one transmission to the next.
        }

        // Between IN+ and IN-.
        public long ShuntMicrovolts
        {
            get { return shunt.Value; }
            set
            {
                Advance();
                shunt.Set(value, now);
            }
        }

        // Of IN- against ground.
        public long BusMillivolts
        {
            get { return bus.Value; }
            set
            {
                Advance();
                bus.Set(value, now);
            }
        }

        private void ResetDevice()
        {
            Array.Clear(words, 0, words.Length);
            Configure(ResetConfiguration);
        }

        // What is converted begins anew, and CNVR falls unless the device is put to rest.
        private void Configure(ushort word)
        {
            words[Configuration] = word;
            mode = word & 7;
            shuntConverter = new Converter((word >> 3) & 15);
            busConverter = new Converter((word >> 7) & 15);
            shuntFull = 4000 << ((word >> 11) & 3);
            busFull = 4000 << ((word >> 13) & 1);
            converting = FirstOf(mode & 3);
            Begin(now);
            if(converting != Nothing)
            {
                words[Bus] = (ushort)(words[Bus] & ~Ready);
            }
        }

        private static int FirstOf(int inputs)
        {
            return inputs == 0 ? Nothing : inputs == 2 ? Bus : Shunt;
        }

        private void Begin(long at)
        {
            conversions = 0;
            total = 0;
            begun = at;
            shunt.Begin(at);
            bus.Begin(at);
        }

        private void Advance()
        {
            now = Now();
            while(converting != Nothing)
            {
                var converter = converting == Shunt ? shuntConverter : busConverter;
                var end = begun + converter.EachNanoseconds;
                if(end > now)
                {
                    return;
                }
                total += Convert(converter, end);
                conversions++;
                begun = end;
                shunt.Begin(end);
                bus.Begin(end);
                if(conversions < converter.Conversions)
                {
                    continue;
                }
                Store(Rounded((double)total / conversions));
                var last = converting == Bus || (mode & 3) == 1;
                converting = last ? Nothing : Bus;
                if(last)
                {
                    Multiply();
                    if(mode > Off)
                    {
                        converting = FirstOf(mode & 3);
                    }
                }
                Begin(end);
            }
        }

        private long Convert(Converter converter, long end)
        {
            if(converting == Shunt)
            {
                var counts = Rounded(shunt.Mean(end) / ShuntLsbMicrovolts / converter.Step) * converter.Step;
                return Math.Min(Math.Max(counts, -shuntFull), shuntFull);
            }
            var level = Rounded(bus.Mean(end) / BusLsbMillivolts / converter.Step) * converter.Step;
            return Math.Min(Math.Max(level, 0), busFull);
        }

        private void Store(long counts)
        {
            if(converting == Shunt)
            {
                words[Shunt] = (ushort)counts;
            }
            else
            {
                words[Bus] = (ushort)((counts << 3) + (words[Bus] & (Ready | Overflow)));
            }
        }

        private void Multiply()
        {
            var current = (long)(short)words[Shunt] * words[Calibration] / 4096;
            var overflow = current < short.MinValue || current > short.MaxValue;
            current = Math.Min(Math.Max(current, short.MinValue), short.MaxValue);
            var power = Math.Abs(current) * (words[Bus] >> 3) / 5000;
            overflow |= power > ushort.MaxValue;
            words[Current] = (ushort)current;
            words[Power] = (ushort)Math.Min(power, ushort.MaxValue);
            words[Bus] = (ushort)((words[Bus] & ~Overflow) | Ready | (overflow ? Overflow : 0));
        }

        private long Now()
        {
            return (long)Math.Round(machine.ElapsedVirtualTime.TimeElapsed.TotalMicroseconds * 1000);
        }

        // Halves go away from zero.
        private static long Rounded(double value)
        {
            return value >= 0 ? (long)(value + 0.5) : -(long)(0.5 - value);
        }

        private readonly IMachine machine;
        private readonly ushort[] words;
        private readonly Input shunt = new Input();
        private readonly Input bus = new Input();

        private int pointer;
        private int mode;
        private Converter shuntConverter;
        private Converter busConverter;
        private int shuntFull;
        private int busFull;

        private long now;
        private int converting;
        private int conversions;
        private long total;
        private long begun;

        private const int Configuration = 0;
        private const int Shunt = 1;
        private const int Bus = 2;
        private const int Power = 3;
        private const int Current = 4;
        private const int Calibration = 5;
        private const int RegisterCount = 6;
        private const int Nothing = -1;
        private const int Off = 4;

        private const ushort ResetConfiguration = 0x399F;
        private const int ResetBit = 1 << 15;
        private const int UnusedBit = 1 << 14;
        private const int Ready = 2;
        private const int Overflow = 1;
        private const double ShuntLsbMicrovolts = 10;
        private const double BusLsbMillivolts = 4;

        // How one input is converted: four bits of the configuration.
        private struct Converter
        {
            public Converter(int bits)
            {
                var averaged = (bits & 8) != 0;
                Step = averaged ? 1 : 1 << (3 - (bits & 3));
                Conversions = averaged ? 1 << (bits & 7) : 1;
                EachNanoseconds = Plain[averaged ? 3 : bits & 3];
            }

            public readonly int Step;
            public readonly int Conversions;
            public readonly long EachNanoseconds;

            private static readonly long[] Plain = { 84000, 148000, 276000, 532000 };
        }

        // A voltage that changes in steps, and its integral since a conversion began.
        private class Input
        {
            public void Set(long value, long at)
            {
                integral += (double)Value * (at - from);
                from = at;
                Value = value;
            }

            public void Begin(long at)
            {
                integral = 0;
                start = from = at;
            }

            public double Mean(long end)
            {
                return (integral + (double)Value * (end - from)) / (end - start);
            }

            public long Value { get; private set; }

            private double integral;
            private long start;
            private long from;
        }
    }
}
