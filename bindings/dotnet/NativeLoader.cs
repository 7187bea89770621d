using System;
using System.Reflection;
using System.Runtime.InteropServices;

namespace AuthKeep
{
    /// <summary>
    /// Loads a library file, and makes the function table use it.
    /// </summary>
    /// <remarks>
    /// .NET Core and its successors ask a resolver, which is set by reflection, since .NET Standard
    /// doesn't know it, and once per process, since a second time fails. Mono has a map of names.
    /// .NET Framework takes what is loaded already by the same name.
    /// </remarks>
    internal static class NativeLoader
    {
        // What a loader calls it that has loaded it already.
        private const string LoadedOnLinux = "libauthkeep.so.1";
        private const int Now = 2;
        private const uint BesideTheLibraryToo = 0x8;
        private const uint NotTheWorkingDirectory = 0x1000;

        private static IntPtr module;
        private static bool isResolverSet;

        /// <summary>Uses a copy that the process has loaded; false if there is none.</summary>
        internal static bool UseLoaded()
        {
            if (Library.IsWindows)
            {
                return Take(GetModuleHandleW("authkeep.dll"), null);
            }
            bool isMac = RuntimeInformation.IsOSPlatform(OSPlatform.OSX);
            int onlyIfLoaded = isMac ? 0x10 : 4;
            string name = isMac ? "libauthkeep.dylib" : LoadedOnLinux;
            return TakeShared(name, Now | onlyIfLoaded);
        }

        /// <summary>Uses what the system finds by itself; false if that is nothing.</summary>
        internal static bool UseInstalled(string fileName)
        {
            if (Library.IsWindows)
            {
                return Take(LoadLibraryExW(fileName, IntPtr.Zero, NotTheWorkingDirectory), null);
            }
            return TakeShared(LoadedOnLinux, Now) || TakeShared(fileName, Now);
        }

        /// <summary>Uses the file at a full path; what is wrong, or null.</summary>
        internal static string Use(string path)
        {
            if (Library.IsWindows)
            {
                return Take(LoadLibraryExW(path, IntPtr.Zero, BesideTheLibraryToo), null)
                    ? null
                    : "Windows error " + Marshal.GetLastWin32Error();
            }
            // Once before, too: that the runtime looks for dlerror would clear it.
            SharedError();
            return TakeShared(path, Now) ? null : SharedError() ?? "the system gives no reason";
        }

        private static bool TakeShared(string name, int flags)
        {
            return Take(OpenShared(name, flags), name);
        }

        private static bool Take(IntPtr loaded, string name)
        {
            if (loaded == IntPtr.Zero)
            {
                return false;
            }
            module = loaded;
            if (Type.GetType("Mono.Runtime") != null && name != null)
            {
                mono_dllmap_insert(
                    IntPtr.Zero, Utf8.Encode(Native.Name, "name"), null, Utf8.Encode(name, "name"), null);
            }
            else if (!isResolverSet)
            {
                SetResolver();
                isResolverSet = true;
            }
            return true;
        }

        private static void SetResolver()
        {
            Assembly runtime = typeof(Marshal).Assembly;
            Type nativeLibrary = runtime.GetType("System.Runtime.InteropServices.NativeLibrary");
            if (nativeLibrary == null)
            {
                return;
            }
            Delegate resolver = Delegate.CreateDelegate(
                runtime.GetType("System.Runtime.InteropServices.DllImportResolver"),
                typeof(NativeLoader).GetMethod("Resolve", BindingFlags.NonPublic | BindingFlags.Static));
            nativeLibrary.GetMethod("SetDllImportResolver").Invoke(
                null, new object[] { typeof(NativeLoader).Assembly, resolver });
        }

        private static IntPtr Resolve(string name, Assembly assembly, DllImportSearchPath? searchPath)
        {
            return name == Native.Name ? module : IntPtr.Zero;
        }

        private static IntPtr OpenShared(string name, int flags)
        {
            byte[] nativeName = Utf8.Encode(name, "name");
            try
            {
                return dlopen(nativeName, flags);
            }
            catch (EntryPointNotFoundException)
            {
                return OldDlopen(nativeName, flags);
            }
        }

        private static string SharedError()
        {
            try
            {
                return Utf8.Decode(dlerror());
            }
            catch (EntryPointNotFoundException)
            {
                return Utf8.Decode(OldDlerror());
            }
        }

        [DllImport("libc", CallingConvention = CallingConvention.Cdecl)]
        private static extern IntPtr dlopen(byte[] name, int flags);

        [DllImport("libc", CallingConvention = CallingConvention.Cdecl)]
        private static extern IntPtr dlerror();

        // Before glibc 2.34 they were in a library of their own.
        [DllImport("libdl.so.2", EntryPoint = "dlopen", CallingConvention = CallingConvention.Cdecl)]
        private static extern IntPtr OldDlopen(byte[] name, int flags);

        [DllImport("libdl.so.2", EntryPoint = "dlerror", CallingConvention = CallingConvention.Cdecl)]
        private static extern IntPtr OldDlerror();

        [DllImport("__Internal", CallingConvention = CallingConvention.Cdecl)]
        private static extern void mono_dllmap_insert(
            IntPtr image, byte[] name, byte[] function, byte[] mappedName, byte[] mappedFunction);

        [DllImport("kernel32", ExactSpelling = true, CharSet = CharSet.Unicode)]
        private static extern IntPtr GetModuleHandleW(string name);

        [DllImport("kernel32", ExactSpelling = true, CharSet = CharSet.Unicode, SetLastError = true)]
        private static extern IntPtr LoadLibraryExW(string path, IntPtr reserved, uint flags);
    }
}
