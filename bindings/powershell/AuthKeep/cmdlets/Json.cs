using System;
using System.Collections;
using System.Globalization;
using System.Security;
using System.Text;

namespace AuthKeep.PowerShell
{
    /// <summary>Writes settings as JSON, secrets included.</summary>
    /// <remarks>
    /// Not by ConvertTo-Json, because a machine with module logging would write its argument
    /// into the event log.
    /// </remarks>
    internal static class Json
    {
        private const int MaxDepth = 16;

        /// <summary>The JSON text of nested dictionaries, lists and plain values.</summary>
        /// <param name="value">What to write.</param>
        /// <param name="unwrap">Takes off what PowerShell wraps values in.</param>
        /// <exception cref="ArgumentException">A value has no JSON form.</exception>
        internal static string Write(object value, Func<object, object> unwrap)
        {
            StringBuilder text = new StringBuilder();
            Append(text, value, unwrap, 0);
            return text.ToString();
        }

        private static void Append(StringBuilder text, object wrapped, Func<object, object> unwrap, int depth)
        {
            object value = unwrap(wrapped);
            if (depth > MaxDepth)
            {
                throw new ArgumentException("a setting is nested too deeply");
            }
            if (value == null)
            {
                text.Append("null");
            }
            else if (value is bool)
            {
                text.Append((bool)value ? "true" : "false");
            }
            else if (value is SecureString)
            {
                AppendString(text, Secret.Reveal((SecureString)value));
            }
            else if (value is string || value is char)
            {
                AppendString(text, value.ToString());
            }
            else if (value is Uri)
            {
                AppendString(text, ((Uri)value).OriginalString);
            }
            else if (IsNumber(value))
            {
                text.Append(((IFormattable)value).ToString(null, CultureInfo.InvariantCulture));
            }
            else if (value is IDictionary)
            {
                AppendObject(text, (IDictionary)value, unwrap, depth);
            }
            else if (value is IEnumerable)
            {
                AppendArray(text, (IEnumerable)value, unwrap, depth);
            }
            else
            {
                throw new ArgumentException(
                    "a setting can't be of type " + value.GetType().Name + "; nested settings are hashtables");
            }
        }

        private static void AppendObject(
            StringBuilder text, IDictionary members, Func<object, object> unwrap, int depth)
        {
            string separator = "{";
            foreach (DictionaryEntry member in members)
            {
                text.Append(separator);
                AppendString(text, Convert.ToString(unwrap(member.Key), CultureInfo.InvariantCulture));
                text.Append(':');
                Append(text, member.Value, unwrap, depth + 1);
                separator = ",";
            }
            text.Append(members.Count == 0 ? "{}" : "}");
        }

        private static void AppendArray(
            StringBuilder text, IEnumerable items, Func<object, object> unwrap, int depth)
        {
            text.Append('[');
            string separator = "";
            foreach (object item in items)
            {
                text.Append(separator);
                Append(text, item, unwrap, depth + 1);
                separator = ",";
            }
            text.Append(']');
        }

        private static void AppendString(StringBuilder text, string value)
        {
            text.Append('"');
            foreach (char character in value)
            {
                if (character == '"' || character == '\\')
                {
                    text.Append('\\').Append(character);
                }
                else if (character < ' ')
                {
                    text.Append("\\u").Append(((int)character).ToString("x4", CultureInfo.InvariantCulture));
                }
                else
                {
                    text.Append(character);
                }
            }
            text.Append('"');
        }

        private static bool IsNumber(object value)
        {
            if (value is double)
            {
                double number = (double)value;
                return !double.IsNaN(number) && !double.IsInfinity(number);
            }
            return value is int || value is long || value is decimal || value is short || value is byte
                || value is uint || value is ulong || value is ushort || value is sbyte;
        }
    }
}
