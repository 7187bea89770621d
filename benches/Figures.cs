using System;
using System.Diagnostics;
using System.Globalization;
using System.Reflection;
using AuthKeep;

/// <summary>
/// What a cached token costs from C#: the program of `cargo bench --bench dotnet`.
///
/// CONFIG: prints a line for each thing that it has done again and again, with nanoseconds per call,
/// the best of several rounds.
/// </summary>
internal static class Figures
{
    private const int Calls = 200000;
    private const int Rounds = 9;

    private static void Main(string[] arguments)
    {
        using (Config config = new Config().MergeJson(arguments[0]))
        using (Client client = new Client(config))
        using (Call call = new Call(TimeSpan.FromSeconds(5)))
        {
            client.GetToken().Dispose();
            // A row of the function table alone, by a delegate that costs about 2 ns.
            Func<int> bare = (Func<int>)Delegate.CreateDelegate(
                typeof(Func<int>),
                typeof(Client).Assembly.GetType("AuthKeep.Native").GetMethod(
                    "authkeep_abi_version", BindingFlags.NonPublic | BindingFlags.Static));
            Measure("bare P/Invoke: authkeep_abi_version", () => bare());
            Measure("GetToken + Dispose", () => client.GetToken().Dispose());
            Measure("GetToken(call) + Dispose", () => client.GetToken(call).Dispose());
            Measure("GetToken + GetAccessToken + Dispose", () =>
            {
                using (Token token = client.GetToken())
                {
                    token.GetAccessToken();
                }
            });
        }
    }

    private static void Measure(string what, Action action)
    {
        double best = double.MaxValue;
        for (int round = 0; round < Rounds; round++)
        {
            Stopwatch watch = Stopwatch.StartNew();
            for (int i = 0; i < Calls; i++)
            {
                action();
            }
            best = Math.Min(best, watch.Elapsed.TotalMilliseconds * 1e6 / Calls);
        }
        Console.WriteLine(string.Format(CultureInfo.InvariantCulture, "{0,-38} {1,6:F0} ns", what, best));
    }
}
