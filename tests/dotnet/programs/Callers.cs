using System;
using System.Collections.Generic;
using System.Diagnostics;
using System.Globalization;
using System.Threading;
using AuthKeep;

/// <summary>A call that hangs, and the moments when it should end and does.</summary>
internal sealed class Caller
{
    /// <summary>How it ends.</summary>
    internal string How;
    /// <summary>Makes the call, and checks how it ends.</summary>
    internal Action Use;
    /// <summary>Ends the call; null for one with a deadline.</summary>
    internal Action Interrupt;
    internal TimeSpan Timeout;

    private TimeSpan due;
    private TimeSpan ended;
    private Action join;

    internal void Start()
    {
        join = Check.InBackground(() =>
        {
            if (Interrupt == null)
            {
                due = Callers.Now + Timeout;
            }
            Use();
            ended = Callers.Now;
        });
    }

    internal void BeInterrupted()
    {
        due = Callers.Now;
        Interrupt();
    }

    internal void End()
    {
        join();
        double lateMs = (ended - due).TotalMilliseconds;
        Console.WriteLine(How + " " + lateMs.ToString(CultureInfo.InvariantCulture));
    }
}

/// <summary>Calls that hang, and how they end: token|api CONFIG... What it prints is that of
/// tests/c/wait.c, with ways of its own to be interrupted.</summary>
internal static class Callers
{
    private const int Each = 4;
    private static readonly Stopwatch Watch = Stopwatch.StartNew();

    internal static TimeSpan Now
    {
        get { return Watch.Elapsed; }
    }

    /// <summary>Runs the program: each way makes one caller.</summary>
    /// <param name="interrupted">The ways to be interrupted.</param>
    /// <param name="timed">The way to have a timeout.</param>
    internal static void Run(
        string[] arguments, Func<Client, bool, Caller>[] interrupted, Func<Client, bool, TimeSpan, Caller> timed)
    {
        bool getsToken = arguments[0] == "token";
        for (int i = 1; i < arguments.Length; i++)
        {
            using (Config config = new Config().MergeJson(arguments[i]))
            using (Client client = new Client(config))
            {
                List<Caller> first = new List<Caller>();
                List<Caller> second = new List<Caller>();
                for (int each = 0; each < Each; each++)
                {
                    foreach (Func<Client, bool, Caller> way in interrupted)
                    {
                        first.Add(way(client, getsToken));
                    }
                    second.Add(timed(client, getsToken, TimeSpan.FromMilliseconds(250 + 50 * each)));
                }
                WaitAndEnd(first, second);
            }
        }
    }

    private static void WaitAndEnd(List<Caller> interrupted, List<Caller> timed)
    {
        interrupted.ForEach(caller => caller.Start());
        Console.WriteLine("waiting " + interrupted.Count);
        Console.ReadLine();
        timed.ForEach(caller => caller.Start());
        interrupted.ForEach(caller => caller.BeInterrupted());
        interrupted.ForEach(caller => caller.End());
        timed.ForEach(caller => caller.End());
    }
}
