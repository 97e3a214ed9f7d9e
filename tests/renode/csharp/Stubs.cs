// The part of Renode's interfaces that INA219.cs is written against: enough to compile it, and to set the time.
namespace Antmicro.Renode.Time
{
    public struct TimeInterval
    {
        public TimeInterval(ulong nanoseconds)
        {
            this.nanoseconds = nanoseconds;
        }

        public double TotalMicroseconds { get { return nanoseconds / 1000.0; } }

        private readonly ulong nanoseconds;
    }

    public struct TimeStamp
    {
        public TimeStamp(TimeInterval elapsed)
        {
            TimeElapsed = elapsed;
        }

        public readonly TimeInterval TimeElapsed;
    }
}

namespace Antmicro.Renode.Core
{
    public interface IMachine
    {
        Antmicro.Renode.Time.TimeStamp ElapsedVirtualTime { get; }
    }
}

namespace Antmicro.Renode.Peripherals
{
    public interface IPeripheral
    {
        void Reset();
    }
}

namespace Antmicro.Renode.Peripherals.I2C
{
    public interface II2CPeripheral : IPeripheral
    {
        void Write(byte[] data);
        byte[] Read(int count = 1);
        void FinishTransmission();
    }
}
