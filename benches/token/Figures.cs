using System;
using System.Diagnostics;
using System.Globalization;
using System.Linq;
using System.Reflection;
using System.Threading;
using AuthKeep;

/// <summary>
/// What a cached token costs from C#: a program of `cargo bench --bench token`.
///
/// CONFIG: prints a line for each thing that it has done again and again: what, and the CPU
/// nanoseconds of one on 1, 2 and 8 threads, the median of several rounds.
/// </summary>
internal static class Figures
{
    private const int Calls = 50000;
    private const int Rounds = 7;

    private static readonly int[] Threads = { 1, 2, 8 };

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
            Measure("bare P/Invoke", () => bare());
            Measure("GetToken + Dispose", () => client.GetToken().Dispose());
            Measure("GetToken(call) + Dispose", () => client.GetToken(call).Dispose());
            Measure("GetToken + GetAccessToken", () =>
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
        // The first rounds compile it.
        OneRound(1, action);
        OneRound(1, action);
        double[] figures = Threads
            .Select(threads => Enumerable.Range(0, Rounds)
                .Select(round => OneRound(threads, action)).OrderBy(figure => figure).ElementAt(Rounds / 2))
            .ToArray();
        Console.WriteLine(what + "\t" + string.Join(
            "\t", figures.Select(figure => figure.ToString("F1", CultureInfo.InvariantCulture))));
    }

    private static double OneRound(int threads, Action action)
    {
        Thread[] workers = Enumerable.Range(0, threads).Select(number => new Thread(() =>
        {
            for (int i = 0; i < Calls; i++)
            {
                action();
            }
        })).ToArray();
        TimeSpan begun = Process.GetCurrentProcess().TotalProcessorTime;
        foreach (Thread worker in workers)
        {
            worker.Start();
        }
        foreach (Thread worker in workers)
        {
            worker.Join();
        }
        TimeSpan spent = Process.GetCurrentProcess().TotalProcessorTime - begun;
        return spent.TotalMilliseconds * 1e6 / Calls / threads;
    }
}
