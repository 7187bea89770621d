using System;
using System.Diagnostics;
using System.Threading;
using AuthKeep;

/// <summary>What the tests say about what they see.</summary>
internal static class Check
{
    /// <summary>How long to wait for something that happens at once; a hang tells nothing.</summary>
    private const int PatienceMs = 30000;

    internal static void That(bool holds, string what)
    {
        if (!holds)
        {
            throw new InvalidOperationException("it does not hold that " + what);
        }
    }

    internal static void Equal<T>(T expected, T actual)
    {
        if (!Equals(expected, actual))
        {
            throw new InvalidOperationException("expected <" + expected + ">, got <" + actual + ">");
        }
    }

    internal static void Contains(string part, string text)
    {
        That(text != null && text.IndexOf(part, StringComparison.Ordinal) >= 0, "\"" + text + "\" has " + part);
    }

    internal static void ContainsNot(string part, string text)
    {
        That(text.IndexOf(part, StringComparison.Ordinal) < 0, "\"" + text + "\" has no " + part);
    }

    /// <summary>The exception of just this type that the action throws.</summary>
    internal static T Throws<T>(Action action)
        where T : Exception
    {
        try
        {
            action();
        }
        catch (Exception thrown)
        {
            T expected = thrown as T;
            if (expected != null && thrown.GetType() == typeof(T))
            {
                return expected;
            }
            throw new InvalidOperationException("expected " + typeof(T).Name + ", got " + thrown, thrown);
        }
        throw new InvalidOperationException("expected " + typeof(T).Name + ", and nothing was thrown");
    }

    /// <summary>The error of this status that the action throws.</summary>
    internal static AuthKeepException Fails(AuthKeepStatus status, Action action)
    {
        AuthKeepException error = Throws<AuthKeepException>(action);
        Equal(status, error.Status);
        return error;
    }

    /// <summary>Returns when something of another thread or process has come true.</summary>
    internal static void Until(Func<bool> holds, string what)
    {
        Stopwatch watch = Stopwatch.StartNew();
        while (!holds())
        {
            That(watch.ElapsedMilliseconds < PatienceMs, "it came true: " + what);
            Thread.Sleep(2);
        }
    }

    /// <summary>Runs an action on a thread of its own; the result waits for its end, and throws what
    /// it threw.</summary>
    internal static Action InBackground(Action action)
    {
        Exception failure = null;
        Thread thread = new Thread(() =>
        {
            try
            {
                action();
            }
            catch (Exception thrown)
            {
                failure = thrown;
            }
        });
        thread.Start();
        return () =>
        {
            That(thread.Join(PatienceMs), "the thread ended");
            if (failure != null)
            {
                throw new InvalidOperationException("in another thread: " + failure, failure);
            }
        };
    }
}
