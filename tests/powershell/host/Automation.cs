using System;
using System.Collections;
using System.Collections.Generic;
using System.Collections.ObjectModel;
using System.Security;
using System.Text.RegularExpressions;

// As much of PowerShell as the cmdlets touch, so that they run where there is none. That
// PowerShell itself has these members is checked by a compiler, against its reference.
namespace System.Management.Automation
{
    public static class VerbsCommon
    {
        public const string Clear = "Clear";
        public const string Get = "Get";
        public const string New = "New";
        public const string Remove = "Remove";
        public const string Reset = "Reset";
    }

    public static class VerbsLifecycle
    {
        public const string Invoke = "Invoke";
    }

    public sealed class CmdletAttribute : Attribute
    {
        public CmdletAttribute(string verb, string noun)
        {
            Name = verb + "-" + noun;
        }

        public string Name { get; private set; }
        public string DefaultParameterSetName { get; set; }
        public bool SupportsShouldProcess { get; set; }
    }

    [AttributeUsage(AttributeTargets.Property, AllowMultiple = true)]
    public sealed class ParameterAttribute : Attribute
    {
        public bool Mandatory { get; set; }
        public int Position { get; set; }
        public string ParameterSetName { get; set; }
        public bool ValueFromPipeline { get; set; }
        public bool ValueFromPipelineByPropertyName { get; set; }
    }

    [AttributeUsage(AttributeTargets.Class, AllowMultiple = true)]
    public sealed class OutputTypeAttribute : Attribute
    {
        public OutputTypeAttribute(params Type[] types)
        {
        }

        public string[] ParameterSetName { get; set; }
    }

    public sealed class AliasAttribute : Attribute
    {
        public AliasAttribute(params string[] names)
        {
        }
    }

    public sealed class ValidateSetAttribute : Attribute
    {
        public ValidateSetAttribute(params string[] values)
        {
        }
    }

    public sealed class ValidateRangeAttribute : Attribute
    {
        public ValidateRangeAttribute(object least, object most)
        {
        }
    }

    public sealed class ValidateNotNullAttribute : Attribute
    {
    }

    public sealed class ValidateNotNullOrEmptyAttribute : Attribute
    {
    }

    public sealed class AllowNullAttribute : Attribute
    {
    }

    public sealed class SupportsWildcardsAttribute : Attribute
    {
    }

    public sealed class CredentialAttribute : Attribute
    {
    }

    public enum WildcardOptions
    {
        None,
        IgnoreCase
    }

    /// <summary>Knows "*" alone.</summary>
    public sealed class WildcardPattern
    {
        private readonly Regex pattern;

        public WildcardPattern(string text, WildcardOptions options)
        {
            pattern = new Regex("^" + Regex.Escape(text).Replace("\\*", ".*") + "$",
                options == WildcardOptions.IgnoreCase ? RegexOptions.IgnoreCase : RegexOptions.None);
        }

        public static bool ContainsWildcardCharacters(string text)
        {
            return text.Contains("*");
        }

        public bool IsMatch(string text)
        {
            return pattern.IsMatch(text);
        }
    }

    public struct SwitchParameter
    {
        private readonly bool isPresent;

        public SwitchParameter(bool isPresent)
        {
            this.isPresent = isPresent;
        }

        public static implicit operator bool(SwitchParameter parameter)
        {
            return parameter.isPresent;
        }

        public static implicit operator SwitchParameter(bool isPresent)
        {
            return new SwitchParameter(isPresent);
        }
    }

    public sealed class PSObject
    {
        public PSObject(object value)
        {
            BaseObject = value;
        }

        public object BaseObject { get; private set; }

        public override string ToString()
        {
            return BaseObject.ToString();
        }
    }

    public sealed class PSCredential
    {
        public PSCredential(string userName, SecureString password)
        {
            UserName = userName;
            Password = password;
        }

        public string UserName { get; private set; }
        public SecureString Password { get; private set; }
    }

    public enum ErrorCategory
    {
        NotSpecified,
        InvalidArgument,
        InvalidData,
        InvalidOperation,
        ObjectNotFound,
        OperationStopped,
        OperationTimeout,
        ParserError,
        PermissionDenied,
        ResourceBusy,
        ResourceExists,
        ResourceUnavailable,
        WriteError,
        NotImplemented,
        SecurityError,
        ProtocolError,
        AuthenticationError,
        LimitsExceeded
    }

    public sealed class ErrorDetails
    {
        public ErrorDetails(string message)
        {
            Message = message;
        }

        public string Message { get; private set; }
    }

    public sealed class ErrorRecord
    {
        public ErrorRecord(Exception exception, string id, ErrorCategory category, object target)
        {
            Exception = exception;
            Id = id;
            Category = category;
            TargetObject = target;
        }

        public Exception Exception { get; private set; }
        public string Id { get; private set; }
        public ErrorCategory Category { get; private set; }
        public object TargetObject { get; private set; }
        public ErrorDetails ErrorDetails { get; set; }
    }

    public class RuntimeException : Exception
    {
        public RuntimeException(string message)
            : base(message)
        {
        }
    }

    public sealed class PipelineStoppedException : RuntimeException
    {
        public PipelineStoppedException()
            : base("The pipeline has been stopped.")
        {
        }
    }

    /// <summary>How a statement ends that a cmdlet terminates.</summary>
    public sealed class StatementTerminated : RuntimeException
    {
        public StatementTerminated(ErrorRecord record)
            : base(record.Exception.Message)
        {
            Record = record;
        }

        public ErrorRecord Record { get; private set; }
    }

    public sealed class PSVariableIntrinsics
    {
        public readonly Dictionary<string, object> Values = new Dictionary<string, object>();

        public void Set(string name, object value)
        {
            Values[name] = value;
        }
    }

    public sealed class SessionState
    {
        public readonly PSVariableIntrinsics PSVariable = new PSVariableIntrinsics();
    }

    public sealed class CommandInvocationIntrinsics
    {
        /// <summary>Knows the two scripts of the cmdlets by what they call. A JSON text stays one, but for
        /// a list of numbers; an object becomes one that says its type.</summary>
        public Collection<PSObject> InvokeScript(
            string script, bool useNewScope, Runspaces.PipelineResultTypes results, IList input, params object[] arguments)
        {
            object argument = arguments[0];
            bool isReader = script.Contains("ConvertFrom-Json -InputObject $text");
            if (isReader && !((string)argument).EndsWith("}") && !((string)argument).EndsWith("]"))
            {
                throw new RuntimeException("no JSON");
            }
            object result = isReader ? Read((string)argument) : "{\"type\":\"" + argument.GetType().Name + "\"}";
            return new Collection<PSObject> { new PSObject(result) };
        }

        private static object Read(string json)
        {
            return json.StartsWith("[") ? (object)json.Trim('[', ']').Split(',') : json;
        }
    }

    public abstract class Cmdlet
    {
        private Threading.Thread pipeline;

        public readonly List<object> Output = new List<object>();
        public readonly List<string> Warnings = new List<string>();
        public readonly List<ErrorRecord> Errors = new List<ErrorRecord>();
        public readonly List<string> Told = new List<string>();
        public readonly List<string> Details = new List<string>();
        public readonly List<string> Asked = new List<string>();
        public bool WhatIf;
        private volatile bool isStopping;

        public bool Stopping
        {
            get { return isStopping; }
        }

        public void WriteObject(object value)
        {
            Output.Add(value);
        }

        public void WriteObject(object value, bool enumerate)
        {
            PSObject wrapped = value as PSObject;
            IEnumerable items = (wrapped == null ? value : wrapped.BaseObject) as IEnumerable;
            if (!enumerate || items == null || items is string)
            {
                Output.Add(value);
                return;
            }
            foreach (object item in items)
            {
                Output.Add(item);
            }
        }

        public void WriteWarning(string text)
        {
            Warnings.Add(text);
        }

        public void WriteError(ErrorRecord record)
        {
            Errors.Add(record);
        }

        public void WriteVerbose(string text)
        {
            CheckThread();
            Told.Add(text);
        }

        public void WriteDebug(string text)
        {
            CheckThread();
            Details.Add(text);
        }

        public bool ShouldProcess(string target)
        {
            return ShouldProcess(target, GetType().Name);
        }

        public bool ShouldProcess(string target, string action)
        {
            Asked.Add(action + " " + target);
            return !WhatIf;
        }

        public void ThrowTerminatingError(ErrorRecord record)
        {
            throw new StatementTerminated(record);
        }

        /// <summary>Runs the cmdlet as it is, for one input; what it put out.</summary>
        public object[] Run()
        {
            pipeline = Threading.Thread.CurrentThread;
            try
            {
                BeginProcessing();
                ProcessRecord();
                EndProcessing();
            }
            finally
            {
                IDisposable disposable = this as IDisposable;
                if (disposable != null)
                {
                    disposable.Dispose();
                }
            }
            return Output.ToArray();
        }

        /// <summary>What Ctrl+C does, on a thread of its own.</summary>
        public void Stop()
        {
            isStopping = true;
            StopProcessing();
        }

        /// <summary>PowerShell takes nothing from another thread.</summary>
        private void CheckThread()
        {
            if (Threading.Thread.CurrentThread != pipeline)
            {
                throw new InvalidOperationException("written by another thread than the pipeline's");
            }
        }

        protected virtual void BeginProcessing()
        {
        }

        protected virtual void ProcessRecord()
        {
        }

        protected virtual void EndProcessing()
        {
        }

        protected virtual void StopProcessing()
        {
        }
    }

    public abstract class PSCmdlet : Cmdlet
    {
        private readonly SessionState sessionState = new SessionState();
        private readonly CommandInvocationIntrinsics invokeCommand = new CommandInvocationIntrinsics();

        /// <summary>The folder that PowerShell is in, which isn't that of the process.</summary>
        public static string Location { get; set; }

        public SessionState SessionState
        {
            get { return sessionState; }
        }

        public CommandInvocationIntrinsics InvokeCommand
        {
            get { return invokeCommand; }
        }

        public string GetUnresolvedProviderPathFromPSPath(string path)
        {
            return IO.Path.Combine(Location, path);
        }
    }
}

namespace System.Management.Automation.Runspaces
{
    public enum PipelineResultTypes
    {
        None
    }
}
