using System;
using System.Collections.Generic;
using System.Diagnostics;
using System.Globalization;
using System.Threading;
using AuthKeep;

/// <summary>
/// The C# program of `cargo run --example shared_session`: threads that share one client and send
/// requests until the time is over.
///
/// CONFIG TARGET THREADS SECONDS: prints one line of JSON.
/// </summary>
internal static class SharedSession
{
    private sealed class Worker
    {
        internal readonly List<double> LatenciesUs = new List<double>();
        internal int Failed;

        internal void Work(Client client, string target, Stopwatch clock, TimeSpan end)
        {
            while (clock.Elapsed < end)
            {
                long begin = Stopwatch.GetTimestamp();
                if (!IsAnswered(client, target))
                {
                    Failed++;
                }
                LatenciesUs.Add((Stopwatch.GetTimestamp() - begin) * 1e6 / Stopwatch.Frequency);
            }
        }

        private static bool IsAnswered(Client client, string target)
        {
            try
            {
                using (Response response = client.Get(target))
                {
                    return response.Status == 200;
                }
            }
            catch (AuthKeepException error)
            {
                Console.Error.WriteLine(error.Message);
                return false;
            }
        }
    }

    private static int Main(string[] arguments)
    {
        if (arguments.Length != 4)
        {
            Console.Error.WriteLine("usage: SharedSession CONFIG TARGET THREADS SECONDS");
            return 1;
        }
        int threads = int.Parse(arguments[2], CultureInfo.InvariantCulture);
        double seconds = double.Parse(arguments[3], CultureInfo.InvariantCulture);
        using (Config config = new Config().MergeJson(arguments[0]))
        using (Client client = new Client(config))
        {
            Report(Run(client, arguments[1], threads, TimeSpan.FromSeconds(seconds)));
        }
        return 0;
    }

    private static Worker[] Run(Client client, string target, int threads, TimeSpan end)
    {
        Worker[] workers = new Worker[threads];
        Thread[] running = new Thread[threads];
        Stopwatch clock = Stopwatch.StartNew();
        for (int i = 0; i < threads; i++)
        {
            Worker worker = workers[i] = new Worker();
            running[i] = new Thread(() => worker.Work(client, target, clock, end));
            running[i].Start();
        }
        foreach (Thread thread in running)
        {
            thread.Join();
        }
        return workers;
    }

    private static void Report(Worker[] workers)
    {
        List<double> latencies = new List<double>();
        int failed = 0;
        foreach (Worker worker in workers)
        {
            latencies.AddRange(worker.LatenciesUs);
            failed += worker.Failed;
        }
        latencies.Sort();
        Console.WriteLine(string.Format(
            CultureInfo.InvariantCulture,
            "{{\"language\": \"C#\", \"threads\": {0}, \"requests\": {1}, \"failed\": {2}, \"latency_us\": "
            + "{{\"p50\": {3:F1}, \"p99\": {4:F1}, \"p99_9\": {5:F1}, \"max\": {6:F1} }}}}",
            workers.Length, latencies.Count, failed, Percentile(latencies, 50), Percentile(latencies, 99),
            Percentile(latencies, 99.9), Percentile(latencies, 100)));
    }

    /// <summary>The nearest-rank percentile; 0 of nothing.</summary>
    private static double Percentile(List<double> ordered, double percent)
    {
        if (ordered.Count == 0)
        {
            return 0;
        }
        int rank = (int)Math.Ceiling(ordered.Count * percent / 100);
        return ordered[Math.Max(rank, 1) - 1];
    }
}
