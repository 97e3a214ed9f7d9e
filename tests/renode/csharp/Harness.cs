// Drives INA219.cs by lines on standard input: `shunt UV`, `bus MV`, `at NS`, `write HEX`, `read COUNT`, `reset`, `new`.
using System;
using System.Globalization;
using System.Linq;

using Antmicro.Renode.Core;
using Antmicro.Renode.Peripherals.I2C;
using Antmicro.Renode.Peripherals.Sensors;
using Antmicro.Renode.Time;

public class Machine : IMachine
{
    public ulong Nanoseconds;

    public TimeStamp ElapsedVirtualTime { get { return new TimeStamp(new TimeInterval(Nanoseconds)); } }
}

public static class Harness
{
    public static void Main()
    {
        var machine = new Machine();
        INA219 device = null;
        string line;
        while((line = Console.ReadLine()) != null)
        {
            var words = line.Split(' ');
            switch(words[0])
            {
                case "new":
                    machine = new Machine();
                    device = new INA219(machine);
                    break;
                case "shunt":
                    device.ShuntMicrovolts = long.Parse(words[1], CultureInfo.InvariantCulture);
                    break;
                case "bus":
                    device.BusMillivolts = long.Parse(words[1], CultureInfo.InvariantCulture);
                    break;
                case "at":
                    machine.Nanoseconds = ulong.Parse(words[1], CultureInfo.InvariantCulture);
                    break;
                case "write":
                    ((II2CPeripheral)device).Write(Bytes(words[1]));
                    ((II2CPeripheral)device).FinishTransmission();
                    break;
                case "read":
                    var read = ((II2CPeripheral)device).Read(int.Parse(words[1], CultureInfo.InvariantCulture));
                    ((II2CPeripheral)device).FinishTransmission();
                    Console.WriteLine(string.Concat(read.Select(value => value.ToString("x2"))));
                    break;
                case "reset":
                    device.Reset();
                    break;
                default:
                    throw new ArgumentException(line);
            }
        }
    }

    private static byte[] Bytes(string text)
    {
        return Enumerable.Range(0, text.Length / 2).Select(i => Convert.ToByte(text.Substring(2 * i, 2), 16)).ToArray();
    }
}
