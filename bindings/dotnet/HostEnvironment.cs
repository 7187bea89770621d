using System;
using System.Collections;
using System.Runtime.InteropServices;

namespace AuthKeep
{
    /// <summary>
    /// Hands over the environment variables that managed code has set: on Unix, .NET keeps a copy
    /// of the environment, and what a program or a PowerShell session (<c>$env:</c>) sets there is
    /// not seen by native code.
    /// </summary>
    /// <remarks>
    /// A variable that native code sees with the same value isn't handed over, so that the library
    /// goes on seeing it change, or refuses to see it in a program with more rights than its user.
    /// </remarks>
    internal static class HostEnvironment
    {
        internal static void HandOver(ConfigHandle config)
        {
            if (Library.IsWindows)
            {
                return;
            }
            foreach (DictionaryEntry variable in Environment.GetEnvironmentVariables())
            {
                HandOver(config, (string)variable.Key, (string)variable.Value);
            }
        }

        private static void HandOver(ConfigHandle config, string name, string value)
        {
            byte[] nativeName;
            byte[] nativeValue;
            try
            {
                nativeName = Utf8.Encode(name, "name");
                nativeValue = Utf8.Encode(value, "value");
            }
            catch (ArgumentException)
            {
                // Half of a surrogate pair: nothing that an environment could hold.
                return;
            }
            if (name.Length == 0 || name.IndexOf('=') >= 0 || Utf8.Decode(getenv(nativeName)) == value)
            {
                return;
            }
            IntPtr error;
            AuthKeepException.ThrowIfFailed(
                Native.authkeep_config_set_env(config, nativeName, nativeValue, out error), error);
        }

        [DllImport("libc", CallingConvention = CallingConvention.Cdecl)]
        private static extern IntPtr getenv(byte[] name);
    }
}
