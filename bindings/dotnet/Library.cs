using System;
using System.Collections.Generic;
using System.IO;
using System.Reflection;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace AuthKeep
{
    /// <summary>
    /// Finds and loads the native library, once per process: the file that <c>AUTHKEEP_LIBRARY</c>
    /// names; else a copy that the process has loaded already, so that both share their tokens; else a
    /// file in a folder that the program names, or beside this assembly or the program; else what the
    /// system has installed.
    /// </summary>
    public static class Library
    {
        /// <summary>The oldest library that this binding works with. A newer one only adds.</summary>
        internal const int RequiredAbi = 2;

        private const string Variable = "AUTHKEEP_LIBRARY";

        private static readonly object Gate = new object();
        private static volatile bool isLoaded;
        private static string origin;
        private static string version;
        private static int abiVersion;

        /// <summary>The version of the loaded library, such as <c>0.1.0</c>.</summary>
        public static string Version
        {
            get
            {
                Load();
                return version;
            }
        }

        /// <summary>The number of the loaded library's ABI; it grows when functions are added.</summary>
        public static int AbiVersion
        {
            get
            {
                Load();
                return abiVersion;
            }
        }

        /// <summary>Where the library was loaded from, in words for a person.</summary>
        public static string Origin
        {
            get
            {
                Load();
                return origin;
            }
        }

        internal static bool IsWindows
        {
            get { return RuntimeInformation.IsOSPlatform(OSPlatform.Windows); }
        }

        /// <summary>Loads the library now, instead of when it is first needed, and says where else to look.
        /// Once it is loaded, nothing more happens.</summary>
        /// <param name="folders">Folders to look in before those of this assembly and the program.</param>
        /// <exception cref="DllNotFoundException">There is none that could be used; the message says where
        /// it was looked for.</exception>
        public static void Load(params string[] folders)
        {
            if (isLoaded)
            {
                return;
            }
            lock (Gate)
            {
                if (!isLoaded)
                {
                    string found = Find(folders);
                    CheckAbi(found);
                    origin = found;
                    isLoaded = true;
                }
            }
        }

        /// <summary>The name of the library's file on a system.</summary>
        internal static string FileNameOn(OSPlatform system)
        {
            if (system == OSPlatform.Windows)
            {
                return "authkeep.dll";
            }
            return system == OSPlatform.OSX ? "libauthkeep.dylib" : "libauthkeep.so";
        }

        private static string Find(string[] named)
        {
            string fileName = FileNameOn(ThisSystem());
            string explicitly = Environment.GetEnvironmentVariable(Variable);
            if (!string.IsNullOrEmpty(explicitly))
            {
                return Open(explicitly, "named by " + Variable);
            }
            if (NativeLoader.UseLoaded())
            {
                return "the library (loaded by this process)";
            }
            List<string> folders = Folders(named);
            foreach (string each in folders)
            {
                string path = Path.Combine(each, fileName);
                if (File.Exists(path))
                {
                    return Open(path, "found beside the program");
                }
            }
            if (NativeLoader.UseInstalled(fileName))
            {
                return "the library (installed in the system)";
            }
            throw new DllNotFoundException(
                "authkeep: there is no native library " + fileName + " in " + string.Join(", ", folders.ToArray())
                + " or where the system looks; put it there, or set " + Variable + " to its path");
        }

        private static string Open(string path, string role)
        {
            string full = Path.GetFullPath(path);
            if (!File.Exists(full))
            {
                throw new DllNotFoundException(
                    "authkeep: there is no file " + full + " (" + role + "); set " + Variable + " to the path of "
                    + FileNameOn(ThisSystem()));
            }
            string failure = NativeLoader.Use(full);
            if (failure != null)
            {
                throw new DllNotFoundException("authkeep: cannot load " + full + " (" + role + "): " + failure);
            }
            return full + " (" + role + ")";
        }

        private static List<string> Folders(string[] named)
        {
            List<string> folders = new List<string>();
            // Compiled in memory, an assembly has no place of its own.
            string assembly = Assembly.GetExecutingAssembly().Location;
            foreach (string each in named ?? new string[0])
            {
                AddFolder(folders, each);
            }
            AddFolder(folders, string.IsNullOrEmpty(assembly) ? null : Path.GetDirectoryName(assembly));
            AddFolder(folders, AppDomain.CurrentDomain.BaseDirectory);
            return folders;
        }

        private static void AddFolder(List<string> folders, string folder)
        {
            if (string.IsNullOrEmpty(folder))
            {
                return;
            }
            char[] separators = { Path.DirectorySeparatorChar, Path.AltDirectorySeparatorChar };
            string full = Path.GetFullPath(folder).TrimEnd(separators);
            if (!folders.Contains(full))
            {
                folders.Add(full);
            }
        }

        [MethodImpl(MethodImplOptions.NoInlining)]
        private static void CheckAbi(string found)
        {
            try
            {
                abiVersion = Native.authkeep_abi_version();
                version = Utf8.Decode(Native.authkeep_version());
            }
            catch (EntryPointNotFoundException)
            {
                throw new DllNotFoundException("authkeep: " + found + " is not a libauthkeep");
            }
            catch (DllNotFoundException)
            {
                throw new DllNotFoundException(
                    "authkeep: " + found + " is there, but this runtime uses none that has another name than "
                    + FileNameOn(ThisSystem()));
            }
            if (abiVersion < RequiredAbi)
            {
                throw new DllNotFoundException(
                    "authkeep: " + found + " has ABI version " + abiVersion + "; this binding needs " + RequiredAbi
                    + " or a newer one");
            }
        }

        private static OSPlatform ThisSystem()
        {
            if (IsWindows)
            {
                return OSPlatform.Windows;
            }
            return RuntimeInformation.IsOSPlatform(OSPlatform.OSX) ? OSPlatform.OSX : OSPlatform.Linux;
        }
    }
}
