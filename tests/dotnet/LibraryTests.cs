using System;
using System.Reflection;
using System.Runtime.InteropServices;
using AuthKeep;

/// <summary>Which library is loaded. Where it is found is tried by the driver of these tests, since
/// that takes a process each.</summary>
internal static class LibraryTests
{
    public static void the_file_is_named_as_each_system_does()
    {
        Check.Equal("authkeep.dll", FileNameOn(OSPlatform.Windows));
        Check.Equal("libauthkeep.dylib", FileNameOn(OSPlatform.OSX));
        Check.Equal("libauthkeep.so", FileNameOn(OSPlatform.Linux));
        Check.Equal("libauthkeep.so", FileNameOn(OSPlatform.Create("FREEBSD")));
    }

    public static void the_library_says_what_it_is()
    {
        Check.That(Library.AbiVersion >= 2, "it is new enough");
        Check.Contains(".", Library.Version);
        string origin = Library.Origin;
        Library.Load("/nowhere", null);
        Check.Equal(origin, Library.Origin);
    }

    private static string FileNameOn(OSPlatform system)
    {
        MethodInfo method = typeof(Library).GetMethod("FileNameOn", BindingFlags.Static | BindingFlags.NonPublic);
        return (string)method.Invoke(null, new object[] { system });
    }
}
