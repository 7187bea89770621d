using System;

namespace AuthKeep
{
    /// <summary>Durations to and from the native library: whole milliseconds.</summary>
    internal static class Duration
    {
        /// <summary>Rounded up: a short timeout must not become none at all.</summary>
        internal static long ToMilliseconds(TimeSpan duration, string name)
        {
            if (duration < TimeSpan.Zero)
            {
                throw new ArgumentOutOfRangeException(name, "The duration must not be negative.");
            }
            long milliseconds = duration.Ticks / TimeSpan.TicksPerMillisecond;
            return duration.Ticks % TimeSpan.TicksPerMillisecond == 0 ? milliseconds : milliseconds + 1;
        }

        /// <summary>Null for what is not known; a negative number says so.</summary>
        internal static TimeSpan? FromMilliseconds(long milliseconds)
        {
            if (milliseconds < 0)
            {
                return null;
            }
            long most = TimeSpan.MaxValue.Ticks / TimeSpan.TicksPerMillisecond;
            return TimeSpan.FromTicks(Math.Min(milliseconds, most) * TimeSpan.TicksPerMillisecond);
        }
    }
}
