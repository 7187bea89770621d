using System;
using System.Diagnostics;
using System.Globalization;
using System.Reflection;
using AuthKeep;

/// <summary>
/// Runs the tests: every public static method of the classes whose names end in "Tests", or those
/// whose names contain an argument. Prints a line for each, and ends with 1 if one failed.
/// </summary>
internal static class Program
{
    private static int Main(string[] arguments)
    {
        if (arguments.Length == 1 && arguments[0] == "--origin")
        {
            return PrintOrigin();
        }
        int passed = 0;
        int failed = 0;
        using (TestServer.Start())
        {
            foreach (Type type in Assembly.GetExecutingAssembly().GetTypes())
            {
                if (!type.Name.EndsWith("Tests", StringComparison.Ordinal))
                {
                    continue;
                }
                foreach (MethodInfo test in type.GetMethods(
                    BindingFlags.Public | BindingFlags.Static | BindingFlags.DeclaredOnly))
                {
                    if (arguments.Length > 0 && test.Name.IndexOf(arguments[0], StringComparison.Ordinal) < 0)
                    {
                        continue;
                    }
                    if (Passes(test))
                    {
                        passed++;
                    }
                    else
                    {
                        failed++;
                    }
                }
            }
        }
        Console.WriteLine("{0} passed, {1} failed", passed, failed);
        return failed == 0 && passed > 0 ? 0 : 1;
    }

    /// <summary>Which library is found, or why none: for the tests that need a process each.</summary>
    private static int PrintOrigin()
    {
        try
        {
            Console.WriteLine("{0} {1}", Library.Version, Library.Origin);
            return 0;
        }
        catch (DllNotFoundException missing)
        {
            Console.WriteLine(missing.Message);
            return 1;
        }
    }

    private static bool Passes(MethodInfo test)
    {
        Stopwatch watch = Stopwatch.StartNew();
        string outcome = "ok";
        try
        {
            test.Invoke(null, null);
        }
        catch (TargetInvocationException failure)
        {
            outcome = "FAILED\n" + failure.InnerException;
        }
        Console.WriteLine(string.Format(
            CultureInfo.InvariantCulture, "{0} ({1} ms) ... {2}", test.Name, watch.ElapsedMilliseconds, outcome));
        return outcome == "ok";
    }
}
