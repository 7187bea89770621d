using System.Collections.ObjectModel;
using System.Management.Automation;
using System.Management.Automation.Runspaces;

namespace AuthKeep.PowerShell
{
    /// <summary>JSON by PowerShell's own cmdlets, so that objects are those that scripts expect.</summary>
    internal static class PowerShellJson
    {
        // Windows PowerShell gives an array as one object, and so does PowerShell 7 if asked to.
        private const string Reader = @"
            param($text)
            $ErrorActionPreference = 'Stop'
            $options = @{}
            if ($PSVersionTable.PSVersion.Major -ge 7) { $options.NoEnumerate = $true }
            $value = Microsoft.PowerShell.Utility\ConvertFrom-Json -InputObject $text @options
            , $value";

        // 100 is the most that Windows PowerShell takes; the default of 2 loses data.
        private const string Writer = @"
            param($value)
            $ErrorActionPreference = 'Stop'
            Microsoft.PowerShell.Utility\ConvertTo-Json -InputObject $value -Depth 100 -Compress";

        /// <summary>The object of a JSON text; an array is one object.</summary>
        /// <exception cref="RuntimeException">The text is no JSON.</exception>
        internal static object Read(CommandInvocationIntrinsics invoke, string text)
        {
            return Run(invoke, Reader, text);
        }

        /// <summary>The JSON text of an object.</summary>
        internal static string Write(CommandInvocationIntrinsics invoke, object value)
        {
            return Run(invoke, Writer, value).ToString();
        }

        private static object Run(CommandInvocationIntrinsics invoke, string script, object argument)
        {
            Collection<PSObject> results = invoke.InvokeScript(
                script, true, PipelineResultTypes.None, null, new[] { argument });
            return results.Count == 0 ? null : results[0];
        }
    }
}
